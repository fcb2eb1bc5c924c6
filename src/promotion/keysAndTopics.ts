import { keyReader } from "../aws/keys";
import type { Known } from "../aws/known";
import type { Alarmed } from "../rollout/alarmNames";
import type { Rollout } from "../rollout/rollout";
import type { Problem } from "../text/problem";
import { existingTopicProblems } from "./existingTopics";
import { keyProblems } from "./keys";

/**
 * What speaks against raising anything, by the keys and the topics of the account that config names. A key that several of
 * them have is read once. Never throws.
 *
 * @param who the ARN of whoever asks
 * @param existingTopics those that are looked at. Default: all
 */
export async function keyAndTopicProblems(
  rollout: Alarmed & Pick<Rollout, "account" | "existingTopics">,
  region: string,
  who: Known<string>,
  existingTopics = rollout.existingTopics,
): Promise<Problem[]> {
  const keys = keyReader(region);
  try {
    const found = await Promise.all([
      keyProblems(rollout, { region, who, keys }),
      existingTopicProblems({ ...rollout, existingTopics }, { region, who, keys }),
    ]);
    return found.flat();
  } finally {
    keys.destroy();
  }
}
