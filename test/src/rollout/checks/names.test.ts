import { describe, expect, it } from "vitest";
import { parseRollout, type StackFile } from "../../../../src/rollout/parse";

const BASELINE = `config:
  aws:region: eu-central-1
  cutover:rollout:
    name: ops-view
    flags: { READ: { kind: boolean }, WRITE: { kind: boolean, requires: [READ] } }
    parameters: { workspace: ws-ops }
  cutover:stage:
    flags: { READ: false, WRITE: false }
`;
const stage = (before: string, read: boolean, write: boolean, more = "") => `config:
  cutover:stage:
    predecessor: ${before}
    soak: 1h
    flags: { READ: ${read}, WRITE: ${write} }
    entry:
      S-${before}: { title: soaked, source: soak, atLeast: 1h }
${more}`;
const file = (stack: string, text: string): StackFile => ({ stack, file: `Pulumi.${stack}.yaml`, text });
const problems = (...files: StackFile[]) => {
  const result = parseRollout(files, "/project");
  return result.ok ? [] : result.problems.map(({ what }) => what);
};

describe("names that the ledger could take for others", () => {
  it("the config of this test is sound", () => {
    expect(
      problems(
        file("baseline", BASELINE),
        file("stageA", stage("baseline", true, false)),
        file("stageB", stage("stageA", true, true)),
      ).join(),
    ).toEqual("");
  });

  // The ledger's word for every stage at once (ALL_STAGES): a hold or an abort of this one is one of all.
  it("a stage called `all` is refused", () => {
    expect(problems(file("baseline", BASELINE), file("all", stage("baseline", true, false)))).not.toEqual([]);
  });

  // Two stages then claim the same promotions and stops: stageB "was promoted" with stageA.
  it.each(["stageA", "baseline", "stageB", "all"])("stageB, `formerly: [%s]`, is refused", (former) => {
    expect(
      problems(
        file("baseline", BASELINE),
        file("stageA", stage("baseline", true, false)),
        file("stageB", stage("stageA", true, true, `    formerly: [${former}]\n`)),
      ),
    ).not.toEqual([]);
  });

  it("two stages whose names differ by case alone are refused: RDS knows no case", () => {
    const told = problems(
      file("baseline", BASELINE),
      file("stageA", stage("baseline", true, false)),
      file("stagea", stage("stageA", true, true)),
    );
    expect(told.join()).toMatch(/differs from stageA by case alone/);
  });

  it("two stages with the same former name are refused", () => {
    expect(
      problems(
        file("baseline", BASELINE),
        file("stageA", stage("baseline", true, false, "    formerly: [old]\n")),
        file("stageB", stage("stageA", true, true, "    formerly: [old]\n")),
      ),
    ).not.toEqual([]);
  });
});
