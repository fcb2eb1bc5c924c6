import { afterEach, beforeEach, describe, expect, it, test, vi } from "vitest";
import { callerOf } from "../../src/aws/caller";
import { AppConfigStore, withAppConfig } from "../../src/flags/appConfigStore";
import { flagDocument } from "../../src/flags/document";
import type { Ledger } from "../../src/flags/ledger";
import { announce, retract } from "../../src/messages/announce";
import { type Flipping, flip } from "../../src/promotion/flip";
import type { Promotion } from "../../src/promotion/request";
import { measureNow, requireGo } from "../../src/promotion/requireGo";
import type { Situation } from "../../src/promotion/sources";
import { plan } from "../../src/rollout/plan";
import { entry, flags, ledger, note, rollout, settings, stageB, unweakened } from "../support/build";

vi.mock("../../src/aws/caller");
vi.mock("../../src/flags/appConfigStore");
vi.mock("../../src/messages/announce");
vi.mock("../../src/promotion/requireGo");

const read = vi.fn<() => Promise<Ledger>>();
const redeploy = vi.fn<AppConfigStore["redeploy"]>();

beforeEach(() => {
  vi.mocked(AppConfigStore).mockImplementation(
    class {
      redeploy = redeploy;
      document = async () => flagDocument(stageB.flags);
    } as unknown as typeof AppConfigStore,
  );
  vi.mocked(withAppConfig).mockImplementation((_, ask) => ask({} as never));
  vi.mocked(retract).mockResolvedValue();
  vi.mocked(announce).mockResolvedValue();
  vi.mocked(measureNow).mockResolvedValue({ observations: [] } as never);
  vi.mocked(requireGo).mockReturnValue([]);
  redeploy.mockResolvedValue({ kind: "started", deployment: 3, version: "7" });
  vi.mocked(callerOf).mockResolvedValue(undefined);
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
  settings,
  checks: {},
} as Situation;

const ofA = [entry(1, { note: note({ stage: "baseline" }) }), entry(2)];
const stageAIsLive = ledger(flags(true, false), ofA);
const ours = { deployment: 3, note: note({ stage: "stageB" }) };
const stopOfB = entry(3, {
  note: note({ kind: "stop", stage: "stageB", reason: "on-call has seen enough" }),
  configurationVersion: "2",
});
const stopped = ledger(flags(true, false), [...ofA, stopOfB]);
const abortOfA = ledger(flags(false, false), [
  ...ofA,
  entry(3, { note: note({ kind: "abort", row: "XA1" }) }),
]);
const drilled = ledger(flags(true, false), [
  ...ofA,
  entry(3, { note: note({ kind: "drill" }), configurationVersion: "2" }),
]);

const promotion = {
  plan: plan(rollout(), stageB, stageAIsLive),
  subject: {},
  gates: [],
  timeScale: 1,
} as unknown as Promotion;
const flipping: Flipping = {
  situation,
  promotion,
  strength: unweakened,
  before: { kind: "unasked" },
  read,
};

test("a flip is bound to the newest deployment that was read, last of all", async () => {
  const order: string[] = [];
  read.mockImplementation(async () => {
    order.push("read");
    return stageAIsLive;
  });
  vi.mocked(measureNow).mockImplementation(async () => {
    order.push("measure");
    return { observations: [] } as never;
  });
  vi.mocked(announce).mockImplementation(async () => void order.push("announce"));
  redeploy.mockImplementation(async (version) => {
    order.push("start");
    return { kind: "started", deployment: 3, version };
  });
  expect(await flip(flipping, "7")).toMatchObject({ deployment: 3 });
  expect(order).toEqual(["read", "measure", "announce", "read", "start"]);
  expect(redeploy).toHaveBeenCalledWith(
    "7",
    expect.objectContaining({ kind: "promote", stage: "stageB", attempt: 1, id: expect.any(String) }),
    2,
  );
  expect(retract).not.toHaveBeenCalled();
});

test.each([["arn:aws:iam::1:user/ada"], [undefined]])("the ledger keeps who flipped: %s", async (by) => {
  vi.mocked(callerOf).mockResolvedValue(by);
  read.mockResolvedValue(stageAIsLive);
  await flip(flipping, "7");
  expect(redeploy.mock.calls[0]?.[1].by).toBe(by);
  expect(Object.hasOwn(redeploy.mock.calls[0]?.[1] ?? {}, "by")).toBe(by !== undefined);
});

describe("nothing is started, and whoever was told is told so, where", () => {
  test.each<[string, Ledger, RegExp]>([
    [
      "an abort of the predecessor completed",
      abortOfA,
      /deployment 3 \(the abort of stageA, attempt 1, by XA1\)/,
    ],
    [
      "this very attempt was stopped",
      stopped,
      /attempt 1 was stopped by hand.*deployment 3: on-call has seen enough/s,
    ],
    ["anything at all was deployed", drilled, /deployment 3 \(a drill of stageA, attempt 1\)/],
  ])("%s before the look, or during it", async (_, after, said) => {
    read.mockResolvedValue(after);
    await expect(flip(flipping, "7")).rejects.toThrow(said);
    read.mockReset();
    read.mockResolvedValueOnce(stageAIsLive).mockResolvedValue(after);
    await expect(flip(flipping, "7")).rejects.toThrow(/deployment 3/);
    expect(redeploy).not.toHaveBeenCalled();
    expect(retract).toHaveBeenCalledTimes(2);
  });

  it("it came between the look and the flip: AppConfig refuses, and it is named", async () => {
    read.mockResolvedValueOnce(stageAIsLive).mockResolvedValueOnce(stageAIsLive).mockResolvedValue(abortOfA);
    redeploy.mockResolvedValue({ kind: "conflict" });
    await expect(flip(flipping, "7")).rejects.toThrow(
      /deployment 3 \(the abort of stageA, attempt 1, by XA1\) came after what this promotion was planned on/,
    );
    expect(retract).toHaveBeenCalledTimes(1);
  });
});

describe("an answer that was lost", () => {
  const told = (id: unknown) =>
    ledger(flags(true, true), [...ofA, entry(3, { note: note({ stage: "stageB", id: String(id) }) })]);
  test.each([
    ["and then a conflict with oneself", () => Promise.resolve({ kind: "conflict" as const })],
    ["for good", () => Promise.reject(new Error("timeout"))],
  ])("%s: the ledger tells that it was this very flip", async (_, answer) => {
    read.mockResolvedValueOnce(stageAIsLive).mockResolvedValueOnce(stageAIsLive);
    redeploy.mockImplementation((_version, { id }) => {
      read.mockResolvedValue(told(id));
      return answer();
    });
    expect(await flip(flipping, "7")).toMatchObject({ deployment: 3 });
    expect(retract).not.toHaveBeenCalled();
  });

  it("is no other run's flip of the same attempt", async () => {
    read
      .mockResolvedValueOnce(stageAIsLive)
      .mockResolvedValueOnce(stageAIsLive)
      .mockResolvedValue(told("another"));
    redeploy.mockResolvedValue({ kind: "conflict" });
    await expect(flip(flipping, "7")).rejects.toThrow(/deployment 3 \(stageB, attempt 1\) came after/);
  });
});

describe("where it failed and nothing came", () => {
  const failing = (after: Ledger | Error) => {
    read.mockResolvedValueOnce(stageAIsLive).mockResolvedValueOnce(stageAIsLive);
    if (after instanceof Error) read.mockRejectedValue(after);
    else read.mockResolvedValue(after);
    redeploy.mockRejectedValue(new Error("AppConfig: conflict"));
    return expect(flip(flipping, "7")).rejects.toThrow();
  };

  it("is taken back from those who were told", async () => {
    await failing(stageAIsLive);
    expect(retract).toHaveBeenCalledWith(
      expect.objectContaining({
        stage: "stageB",
        attempt: 1,
        from: flags(true, false),
        to: flags(true, true),
      }),
      "eu-central-1",
      "AppConfig: conflict",
      expect.any(Function),
    );
  });

  test.each<[string, Ledger | Error]>([
    ["it may be under way", ledger(flags(true, false), [...ofA, entry(3, { ...ours, state: "under-way" })])],
    ["nobody knows", new Error("no answer")],
  ])("and nothing is taken back where %s", async (_, after) => {
    await failing(after);
    expect(retract).not.toHaveBeenCalled();
  });
});

describe("a run that promotes nothing", () => {
  it("finds the flip of the run that did", async () => {
    read.mockResolvedValue(ledger(flags(true, true), [...ofA, entry(3, ours)]));
    expect(await flip({ ...flipping, promotion: undefined }, "7")).toEqual({
      deployment: 3,
      heldTo: { definitions: unweakened.now, weakened: [] },
    });
    expect(redeploy).not.toHaveBeenCalled();
  });

  it("starts none where there is none", async () => {
    read.mockResolvedValue(stageAIsLive);
    await expect(flip({ ...flipping, promotion: undefined }, "7")).rejects.toThrow(/is in no deployment/);
    expect(redeploy).not.toHaveBeenCalled();
  });
});
