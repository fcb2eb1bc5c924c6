import { parseRollout } from "../../../src/rollout/parse";
import { showProblem } from "../../../src/text/problem";

/** What is added to the config of a sound rollout of two stages. */
export interface Added {
  readonly first?: string;
  readonly rollout?: string;
  readonly stage?: string;
}

export const READY = "entry: { A1: { source: signOff, title: Everybody is ready } }";
/** What is told of it, in sentences. */
export function problems(
  { first: says = "", rollout = "", stage = READY }: Added,
  name = "one",
  flag = "F",
): string[] {
  const first = `config:
  cutover:rollout:
    name: shop
    flags: { ${flag}: { kind: boolean } }
    topics: { onCall: [{ protocol: email, endpoint: on-call@example.com }] }
    ${rollout}
  cutover:stage: { flags: { ${flag}: false }${says} }
`;
  const second = `config:
  cutover:stage:
    predecessor: baseline
    flags: { ${flag}: true }
    ${stage}
`;
  const files = [
    { stack: "baseline", file: "Pulumi.baseline.yaml", text: first },
    { stack: name, file: `Pulumi.${name}.yaml`, text: second },
  ];
  const parsed = parseRollout(files, "/project");
  // A problem at a place may bring others there: the first is what people read.
  return parsed.ok ? [] : parsed.problems.map(showProblem);
}
