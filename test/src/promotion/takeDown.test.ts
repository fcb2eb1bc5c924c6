import { beforeEach, expect, test, vi } from "vitest";
import type { AbortOutcome } from "../../../src/abort/request";
import { tellEveryone } from "../../../src/abort/tellEveryone";
import type { Verdict } from "../../../src/gates/judge";
import { bringStageDown } from "../../../src/promotion/flagStore";
import type { Situation } from "../../../src/promotion/sources";
import { NOT_FINISHED, takeBack } from "../../../src/promotion/takeBack";
import { takeDown } from "../../../src/promotion/takeDown";
import type { AbortThreshold } from "../../../src/rollout/config/abortRow";
import { baseline, flags, rollout, settings, stageA, stageB } from "../../support/build";

vi.mock("../../../src/promotion/flagStore");
vi.mock("../../../src/abort/tellEveryone");

const verdict = (gate: string): Verdict => ({
  ...{ gate, title: "It works", outcome: "fail", observed: "500", required: "200", remedy: "Mend it" },
});
const KEPT = "there is no way back from stageB (the memory is gone): OPS_VIEW_DB_READ true stays";
const outcome = (more: Partial<AbortOutcome> = {}): AbortOutcome => ({
  ...{ before: flags(true, true), after: flags(true, false), deployment: 4, served: 4, stopped: [] },
  ...{ ms: 850, attempt: 1, why: "" },
  ...more,
});
const situation = (whenIrreversible?: "freeze"): Situation => {
  const irreversible = { floor: "stageB", because: "the memory is gone" };
  const abort = { XA1: { whenIrreversible } as AbortThreshold };
  const stage = { ...stageB, irreversible };
  return {
    ...{ rollout: rollout({ stages: [baseline, { ...stageA, abort }, stage] }), stage, settings, checks: {} },
    foundation: {} as never,
  };
};
const brought = (more: Partial<AbortOutcome> = {}) =>
  vi.mocked(bringStageDown).mockResolvedValue({ outcome: outcome(more), warnings: [] });

beforeEach(() => {
  vi.resetAllMocks();
  vi.mocked(tellEveryone).mockResolvedValue([]);
});

test("where flags come down, that is what it says, and nobody is paged beside it", async () => {
  brought();
  expect(await takeDown(situation(), verdict("SB1"))).toContain("The flags are down again after");
  expect(tellEveryone).not.toHaveBeenCalled();
});

test("behind a door on-call is paged: a failed check takes nothing down there", async () => {
  brought({ after: flags(true, true), deployment: undefined, kept: KEPT });
  expect(await takeDown(situation(), verdict("SB1"))).toContain(`THE FLAGS STAY UP`);
  const [region, name, page, topics] = vi.mocked(tellEveryone).mock.calls[0] ?? [];
  expect([region, name, topics]).toEqual(["eu-central-1", { name: "ops-view", existing: {} }, ["onCall"]]);
  expect(page?.subject).toBe("Not settled, and flags STAY UP: ops-view stageB");
  expect(page?.text).toContain(KEPT);
  expect(page?.text).toContain("SB1 (It works): 500; required 200");
});

test("what is taken back of a finish pages alike, and says that it was finished", async () => {
  brought({ after: flags(true, true), deployment: undefined, kept: KEPT });
  vi.mocked(tellEveryone).mockResolvedValue(["ops-view-on-call is not there"]);
  const down = { floor: flags(true, false), row: "XB1", reason: "XB1 rang", freeze: true };
  const { warnings } = await takeBack(situation(), down, NOT_FINISHED);
  expect(warnings).toEqual(["ops-view-on-call is not there"]);
  expect(vi.mocked(bringStageDown).mock.calls[0]?.[1]).toEqual(down);
  const [, , page, topics] = vi.mocked(tellEveryone).mock.calls[0] ?? [];
  expect(topics).toEqual(["onCall"]);
  expect(page?.subject).toBe("Not finished, and flags STAY UP: ops-view stageB");
  expect(page?.text).toContain("was finished, and that is taken back: XB1 rang");
});

test("who could not be paged is said where the run is read", async () => {
  brought({ kept: KEPT });
  vi.mocked(tellEveryone).mockResolvedValue(["ops-view-on-call is not there"]);
  expect(await takeDown(situation(), verdict("SB1"))).toContain("WARNING: ops-view-on-call is not there");
});

test.each<["freeze" | undefined, string, boolean]>([
  ["freeze", "XA1", true],
  [undefined, "XA1", false],
  ["freeze", "SB1", false],
])("a row that rings is answered as it says: %s of %s", async (way, row, freeze) => {
  brought();
  await takeDown(situation(way), verdict(row));
  expect(vi.mocked(bringStageDown).mock.calls[0]?.[1]).toMatchObject({ freeze, row, exact: true });
});

test("a stage that only contracts has nothing to take down: on-call is paged, and told how it comes up again", async () => {
  const stage = { ...stageB, flags: flags(false, false), contracts: ["OPS_VIEW_DB_READ"] };
  const of = { ...situation(), rollout: rollout({ stages: [baseline, stageA, stage] }), stage };
  brought({ after: stage.flags, deployment: undefined });
  const said = await takeDown(of, verdict("SB1"));
  expect(said).toContain("The attempt is stopped");
  const [, , page] = vi.mocked(tellEveryone).mock.calls[0] ?? [];
  for (const text of [said, page?.text])
    expect(text).toContain("OPS_VIEW_DB_READ false stays down: stageB contracts it");
  expect(page?.text).toContain("No abort goes further: mend what is up, now");
});
