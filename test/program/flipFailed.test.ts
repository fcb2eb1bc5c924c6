import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { Ledger } from "../../src/flags/ledger";
import { readLedger } from "../../src/flags/readLedger";
import { takeBack } from "../../src/messages/announce";
import { preparePromotion } from "../../src/promotion/prepare";
import type { Situation } from "../../src/promotion/sources";
import { entry, flags, ledger, note, rollout, stageB } from "../support/build";

vi.mock("../../src/flags/readLedger");
vi.mock("../../src/messages/announce");

beforeEach(() => {
  vi.mocked(takeBack).mockResolvedValue();
});
afterEach(() => {
  vi.resetAllMocks();
});

const situation = {
  rollout: rollout(),
  stage: stageB,
  foundation: {
    store: { applicationId: "app1", environmentId: "env1", profileId: "prof1", region: "eu-central-1" },
    strategyId: "strategy1",
    database: undefined,
    topics: { onCall: "arn:on-call", ops: "arn:ops", stakeholders: "arn:stakeholders" },
  } as Situation["foundation"],
  settings: { region: "eu-central-1", timeScale: 1, tokens: {}, awsEndpoint: undefined, folder: "/nowhere" },
} as Situation;

const stageAIsLive = ledger(flags(true, false), [entry(2)]);
const ours = { deployment: 3, note: note({ stage: "stageB" }) };

/** A run that asks for stage B, whose deployment the engine then sees fail. */
async function failing(after: Ledger | Error): Promise<void> {
  vi.mocked(readLedger).mockResolvedValueOnce(stageAIsLive);
  const { plan, flipFailed } = await preparePromotion(situation);
  expect(plan.kind).toBe("raise");
  if (after instanceof Error) vi.mocked(readLedger).mockRejectedValueOnce(after);
  else vi.mocked(readLedger).mockResolvedValueOnce(after);
  await flipFailed("AppConfig: conflict");
}

test("a flip that failed is taken back from those who were told", async () => {
  await failing(stageAIsLive);
  expect(takeBack).toHaveBeenCalledTimes(1);
  expect(takeBack).toHaveBeenCalledWith(
    expect.objectContaining({ stage: "stageB", attempt: 1, from: flags(true, false), to: flags(true, true) }),
    "eu-central-1",
    "AppConfig: conflict",
    expect.any(Function),
  );
});

test("also where somebody else's deployment came first", async () => {
  await failing(
    ledger(flags(false, false), [entry(2), entry(3, { note: note({ kind: "abort", row: "XA1" }) })]),
  );
  expect(takeBack).toHaveBeenCalledTimes(1);
});

test.each<[string, Ledger | Error]>([
  ["AppConfig took it all the same", ledger(flags(true, true), [entry(2), entry(3, ours)])],
  ["it is under way", ledger(flags(true, false), [entry(2), entry(3, { ...ours, state: "under-way" })])],
  ["nobody knows", new Error("no answer")],
])("nothing is taken back where %s: it may have happened", async (_, after) => {
  await failing(after);
  expect(takeBack).not.toHaveBeenCalled();
});
