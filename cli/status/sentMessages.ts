import { AwsPost, sentGroup } from "../../src/messages/post";
import type { Rollout } from "../../src/rollout/rollout";

/** What people were told of each stage's present attempt: keys such as `attempt-1/C1/ops`. */
export async function toldInThisAttempt(rollout: Rollout, region: string): Promise<Record<string, string[]>> {
  const stages = rollout.stages.filter(({ messages }) => Object.keys(messages).length > 0);
  const found = await Promise.all(
    stages.map(async ({ name, attempt }): Promise<[string, string[]]> => {
      const post = new AwsPost(region, sentGroup(rollout.name, name));
      try {
        return [name, [...(await post.sent(attempt))]];
      } catch (error) {
        // A stage that was never brought up has no log yet: nobody was told anything.
        if (error instanceof Error && error.name === "ResourceNotFoundException") return [name, []];
        throw error;
      } finally {
        post.close();
      }
    }),
  );
  return Object.fromEntries(found);
}
