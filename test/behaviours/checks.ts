import { type Behaviour, type Shipped, same } from "./behaviour";
import { asked, TOKENS } from "./world/app";
import { HOUR } from "./world/clock";
import { gateBefore, outcomeOf, smokeOf } from "./world/gates";

/**
 * A row whose check is TypeScript: it asks for that check, lets it write only where it is to, and comes out as the check
 * does. What each check holds is in `test/rollouts`.
 */
const checked = (
  of: Shipped,
  id: string,
  stage: string,
  name: string,
  smoke: boolean,
  writes: boolean,
): Behaviour => ({
  rollout: of,
  rows: [id],
  title: `${id}: ${smoke ? "after" : "before"} ${stage}, ${name} has to hold`,
  async run(rollout) {
    const gate = (smoke ? smokeOf : gateBefore)(rollout, stage, id);
    const service = { url: "https://app.example.com", tokens: TOKENS };
    const outcome = (check: (context: { send(request: object): Promise<unknown> }) => Promise<string>) =>
      asked(
        () => ({ json: {} }),
        () =>
          outcomeOf(gate, {
            ...{ rollout, promoted: stage, liveMs: HOUR },
            sources: { service, checks: { [name]: check as never } },
          }),
      );
    same(await outcome(async () => "it holds"), "pass", "the check holds");
    const { CheckFailed } = await import("../../src/gates/smokeCheck");
    same(
      await outcome(async () => Promise.reject(new CheckFailed("it does not"))),
      "fail",
      "the check does not hold",
    );
    const wrote = await outcome(async ({ send }) => {
      await send({ method: "POST", path: "/anything", body: {} });
      return "written";
    });
    same(wrote === "pass", writes, "whether it may write");
  },
});

export const CHECKS: readonly Behaviour[] = [
  checked("v2-pipeline", "D3", "deprecate-v1", "sunset-is-ahead", false, false),
];
