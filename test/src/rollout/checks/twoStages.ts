import { type Parsed, parseRollout } from "../../../../src/rollout/parse";
import { showProblem } from "../../../../src/text/problem";

/** A rollout of two stages, `baseline` and `only`: a test changes the one thing that it is about. */
export function parseTwo(rollout: object, baseline: object, only: object): Parsed {
  const file = (stack: string, config: object) => ({
    stack,
    file: `Pulumi.${stack}.yaml`,
    text: JSON.stringify({ config }, null, 1),
  });
  return parseRollout(
    [
      file("baseline", {
        "cutover:rollout": {
          name: "shop",
          topics: { onCall: [{ protocol: "email", endpoint: "a@example.com" }] },
          ...rollout,
        },
        "cutover:stage": baseline,
      }),
      file("only", { "cutover:stage": { predecessor: "baseline", ...only } }),
    ],
    "/here",
  );
}

/** What is wrong with it: files are named, and no lines. */
export function problemsIn(parsed: Parsed): string[] {
  return parsed.ok ? [] : parsed.problems.map(showProblem).map((text) => text.replace(/^(\S+):\d+/, "$1"));
}
