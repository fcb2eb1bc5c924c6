import { afterEach, beforeEach, describe, expect, it, test, vi } from "vitest";
import { lowerFlags } from "../../../src/abort/lower";
import { keepConverged } from "../../../src/aws/converged";
import type { Ledger } from "../../../src/flags/ledger";
import { gateDefinition } from "../../../src/gates/gate";
import { settle } from "../../../src/promotion/settle";
import { showAborted } from "../../../src/promotion/settlement";
import type { Situation } from "../../../src/promotion/sources";
import type { Rollout } from "../../../src/rollout/rollout";
import { UserError } from "../../../src/text/problem";
import {
  baseline,
  entry,
  flags,
  ledger,
  note,
  READ,
  rollout,
  settings,
  stageA,
  stageB,
  WRITE,
} from "../../support/build";
import { json, standIn } from "../../support/standIn";

vi.mock("../../../src/abort/lower");
vi.mock("../../../src/aws/converged");
// Waiting takes no time here, but the clock goes on by as much.
vi.mock("node:timers/promises", () => ({
  setTimeout: async (ms: number) => void vi.setSystemTime(Date.now() + ms),
}));

const read = vi.fn<() => Promise<Ledger>>();
const ofB = entry(3, { note: note({ stage: "stageB", attempt: 2 }) });
const live = ledger(flags(true, true), [entry(2), ofB]);

const START = Date.parse("2026-11-21T12:00:00.000Z");
const MINUTE = 60_000;

beforeEach(() => {
  vi.useFakeTimers({ toFake: ["Date"], now: START });
  read.mockResolvedValue(live);
  vi.mocked(lowerFlags).mockResolvedValue({
    before: flags(true, true),
    after: flags(true, false),
    deployment: 4,
    served: 4,
    stopped: [],
    ms: 850,
    attempt: 2,
    why: "",
  });
});
afterEach(() => {
  vi.useRealTimers();
  vi.resetAllMocks();
});

const convergence = (within = "5m") =>
  gateDefinition.parse({ source: "convergence", title: "Every server agrees", within });
const request = (path: string) =>
  gateDefinition.parse({ source: "http", title: `${path} answers`, request: { path } });
const check = (name: string) => gateDefinition.parse({ source: "check", title: "It checks", check: name });

/** Stage B, whose flags were raised just now. */
function situation(smoke: object, spec: Partial<Rollout> = {}, timeScale = 1): Situation {
  const stage = { ...stageB, attempt: 2, smoke } as typeof stageB;
  return {
    rollout: rollout({ stages: [baseline, stageA, stage], ...spec }),
    stage,
    foundation: {
      store: { applicationId: "app1", environmentId: "env1", profileId: "prof1", region: "eu-central-1" },
      strategyId: "strategy1",
      database: undefined,
    } as Situation["foundation"],
    settings: { ...settings, timeScale },
    checks: {},
  };
}

const AGREES = { data: flags(true, true) };
/** Servers that report the old flags so many times first, and a service, all at one address. */
async function world({ behind = 0, broken = [] as string[] } = {}) {
  const server = await standIn(({ path }, response) => {
    if (path !== "/flags") return json(response, {}, broken.includes(path) ? 500 : 200);
    const count = server.asked.filter((one) => one.path === "/flags").length;
    return json(response, count > behind ? AGREES : { data: flags(true, false) });
  });
  const spec: Partial<Rollout> = {
    service: { url: server.url },
    servers: { urls: [server.url], ecs: [], path: "/flags", at: "data" },
  };
  return { spec, asked: () => server.asked.map(({ path }) => path) };
}

test("waits for the servers first, then runs every smoke check, and says what it waits for", async () => {
  const { spec, asked } = await world({ behind: 3 });
  const said: string[] = [];
  // Config names the check first all the same.
  const smoke = { SB1: request("/one"), SB0: convergence(), SB2: request("/two") };
  const settlement = await settle(situation(smoke, spec), read, (line) => said.push(line));
  expect(settlement.outcome).toBe("settled");
  expect(settlement.verdicts.map(({ gate, outcome }) => `${gate} ${outcome}`)).toEqual([
    "SB0 pass",
    "SB1 pass",
    "SB2 pass",
  ]);
  expect(asked()).toEqual(["/flags", "/flags", "/flags", "/flags", "/one", "/two"]);
  expect(said).toEqual([
    "stageB: SB0 Every server agrees (up to 5 m)",
    expect.stringMatching(/^stageB: SB1 \/one answers \(up to 14 m 5\d s\)$/),
    expect.stringMatching(/^stageB: SB2 \/two answers \(up to 14 m 5\d s\)$/),
  ]);
  expect(lowerFlags).not.toHaveBeenCalled();
});

test("what writes is run once, also where nobody answers it", async () => {
  const server = await standIn((_, response) => void response.socket?.destroy());
  const post = gateDefinition.parse({
    ...{ source: "requests", title: "A patch is written", writes: true },
    steps: [{ path: "/patches", method: "POST", body: {} }],
  });
  const settlement = await settle(situation({ SB1: post }, { service: { url: server.url } }), read, () => {});
  expect(settlement).toMatchObject({
    outcome: "aborted",
    by: "SB1",
    verdicts: [{ outcome: "inconclusive" }],
  });
  expect(server.asked).toHaveLength(1);
  expect(Date.now()).toBeLessThan(START + MINUTE);
  expect(lowerFlags).toHaveBeenCalledTimes(1);
});

describe("how long servers took to follow the flags is kept", () => {
  const flippedAt = (at: number) =>
    ledger(flags(true, true), [entry(2), { ...ofB, completedAt: new Date(at).toISOString() }]);

  it("from the flip to the last server, and recorded", async () => {
    read.mockResolvedValue(flippedAt(START - 2_000));
    const { spec } = await world({ behind: 3 });
    const settlement = await settle(situation({ SB0: convergence() }, spec), read, () => {});
    const { convergedMs } = settlement as { convergedMs?: number };
    // Two seconds before it was settled, and three pauses of half a second.
    expect(convergedMs).toBeGreaterThanOrEqual(3_500);
    expect(convergedMs).toBeLessThan(60_000);
    expect(keepConverged).toHaveBeenCalledWith("eu-central-1", "ops-view", convergedMs);
  });

  it("but not of a flip that nobody settled for hours, nor without servers that were asked", async () => {
    read.mockResolvedValue(flippedAt(START - 3 * 3_600_000));
    const { spec } = await world();
    expect(await settle(situation({ SB0: convergence() }, spec), read, () => {})).not.toHaveProperty(
      "convergedMs",
    );
    read.mockResolvedValue(flippedAt(START));
    expect(await settle(situation({ SB1: request("/one") }, spec), read, () => {})).not.toHaveProperty(
      "convergedMs",
    );
    expect(keepConverged).not.toHaveBeenCalled();
  });

  it("where it can be: a promotion does not fail for it", async () => {
    vi.mocked(keepConverged).mockResolvedValue("AccessDenied");
    read.mockResolvedValue(flippedAt(START));
    const { spec } = await world();
    const said: string[] = [];
    const settlement = await settle(situation({ SB0: convergence() }, spec), read, (line) => said.push(line));
    expect(settlement.outcome).toBe("settled");
    expect(said.at(-1)).toBe("stageB: how long servers took could not be kept: AccessDenied");
  });
});

test("a stage without smoke checks is settled at once", async () => {
  expect(await settle(situation({}), read, () => {})).toEqual({ outcome: "settled", verdicts: [] });
});

describe("the flags come down to the stage's floor", () => {
  const down = async (of: Situation) => {
    const settlement = await settle(of, read, () => {});
    if (settlement.outcome !== "aborted") throw new Error("it was settled");
    expect(lowerFlags).toHaveBeenCalledTimes(1);
    const [, asked] = vi.mocked(lowerFlags).mock.calls[0] ?? [];
    expect(asked).toMatchObject({
      floor: { [READ]: true, [WRITE]: false },
      note: { rollout: "ops-view", stage: "stageB", attempt: 2, row: settlement.by },
    });
    return { settlement, seconds: (Date.now() - START) / 1_000 };
  };

  it("at once, by a check that fails, in its own words; those after it are not run", async () => {
    const { spec, asked } = await world({ broken: ["/one"] });
    const smoke = { SB0: convergence(), SB1: request("/one"), SB2: request("/two") };
    const { settlement, seconds } = await down(situation(smoke, spec));
    expect(settlement.by).toBe("SB1");
    expect(settlement.verdicts.map(({ outcome }) => outcome)).toEqual(["pass", "fail"]);
    expect(asked()).toEqual(["/flags", "/one"]);
    expect(settlement.sentence).toMatch(
      /^SB1 \(\/one answers\): 500 in \d+ ms; required status 200\. The flags are down again after 850 ms \(OPS_VIEW_DB_READ true, OPS_VIEW_DB_WRITE false\), and stay down until the attempt rises/,
    );
    expect(showAborted("stageB", settlement)).toContain("stageB was promoted and taken down again by SB1");
    expect(seconds).toBeLessThan(5);
  });

  it("when servers do not agree within the gate's time", async () => {
    const { spec } = await world({ behind: 100_000 });
    const { settlement, seconds } = await down(
      situation({ SB0: convergence("2m"), SB1: request("/one") }, spec),
    );
    expect(settlement.by).toBe("SB0");
    expect(settlement.sentence).toContain("1 of 1 do not: ");
    expect(seconds).toBeGreaterThan(115);
    expect(seconds).toBeLessThanOrEqual(125);
  });

  it("when a check cannot be made within 15 minutes: no data is not a pass", {
    timeout: 30_000,
  }, async () => {
    const { settlement, seconds } = await down(situation({ SB1: check("not-there") }, await specOf()));
    expect(settlement.verdicts.at(-1)?.outcome).toBe("inconclusive");
    expect(seconds).toBeGreaterThan((14.9 * MINUTE) / 1_000);
    expect(seconds).toBeLessThanOrEqual((15.1 * MINUTE) / 1_000);
  });

  it("within scaled time, of which some is always left", async () => {
    const { seconds } = await down(situation({ SB1: check("not-there") }, await specOf(), 3_600));
    expect(seconds).toBeGreaterThan(14);
    expect(seconds).toBeLessThanOrEqual(16);
  });

  it("and where it stays unknown what is live: in doubt, a rollback goes through", async () => {
    read.mockRejectedValue(
      new UserError("The live flags cannot be read from AppConfig: no answer", [
        { where: "ledger", what: "is silent", remedy: "Check the network" },
      ]),
    );
    const { spec, asked } = await world();
    const { settlement, seconds } = await down(situation({ SB1: request("/one") }, spec));
    expect(settlement).toMatchObject({ by: "ledger", verdicts: [{ outcome: "inconclusive" }] });
    expect(settlement.sentence).toMatch(
      /^ledger \(It is known what is live\): The live flags cannot be read from AppConfig: no answer; required /,
    );
    expect(asked()).toEqual([]);
    expect(seconds).toBeGreaterThan(29);
    expect(seconds).toBeLessThanOrEqual(31);
  });

  const specOf = async () => (await world()).spec;
});

describe("what comes after the flip takes it down, and is named", () => {
  const stop = (spec: object) => entry(4, { note: note({ stage: "stageB", attempt: 2, ...spec }) });
  test.each<[string, Ledger, string, RegExp]>([
    [
      "an abort",
      ledger(flags(true, false), [entry(2), ofB, stop({ kind: "abort", row: "XB1" })]),
      "XB1",
      /deployment 4 \(the abort of stageB, attempt 2, by XB1\) came after the flip/,
    ],
    [
      "a stop that changes no flag",
      ledger(flags(true, true), [
        entry(2),
        ofB,
        { ...stop({ kind: "stop", reason: "no" }), configurationVersion: "3" },
      ]),
      "ledger",
      /deployment 4 \(the stop of stageB, attempt 2\) came after the flip: no/,
    ],
    [
      "somebody else's deployment",
      ledger(flags(true, true), [entry(2), ofB, entry(4, { note: undefined })]),
      "ledger",
      /deployment 4 \(deployment 4, which was not made by cutover\) came after/,
    ],
    [
      "AppConfig, which takes it back",
      ledger(flags(true, false), [entry(2), { ...ofB, state: "rolled-back" }]),
      "ledger",
      /AppConfig took deployment 3 back/,
    ],
  ])("%s, at the first look", async (_, after, by, said) => {
    read.mockResolvedValue(after);
    const settlement = await settle(situation({}), read, () => {});
    expect(settlement).toMatchObject({ outcome: "aborted", by });
    expect(settlement.verdicts.at(-1)?.observed).toMatch(said);
  });

  test("a stop while smoke checks run, or after the last of them", async () => {
    const { spec } = await world();
    const after = ledger(flags(true, true), [
      entry(2),
      ofB,
      { ...stop({ kind: "stop" }), configurationVersion: "3" },
    ]);
    read.mockResolvedValueOnce(live).mockResolvedValue(after);
    expect(await settle(situation({ SB1: request("/one") }, spec), read, () => {})).toMatchObject({
      outcome: "aborted",
      verdicts: [
        { gate: "SB1", outcome: "pass" },
        { gate: "ledger", outcome: "fail" },
      ],
    });
  });

  test.each(["drill", "hold", "release"] as const)("but not a %s: it carries the flags on", async (kind) => {
    const carried = { ...stop({ kind }), configurationVersion: "3" };
    read.mockResolvedValue(ledger(flags(true, true), [entry(2), ofB, carried]));
    expect((await settle(situation({}), read, () => {})).outcome).toBe("settled");
  });
});

test("a ledger that is silent for a while is asked again, and nothing is taken down", async () => {
  for (let count = 0; count < 10; count++) read.mockRejectedValueOnce(new Error("no answer"));
  const { spec } = await world();
  const settlement = await settle(situation({ SB1: request("/one") }, spec), read, () => {});
  expect(settlement.outcome).toBe("settled");
  expect(lowerFlags).not.toHaveBeenCalled();
});

test("flags that cannot be taken down settle nothing: the run fails, and tells to abort by hand", async () => {
  vi.mocked(lowerFlags).mockRejectedValue(new Error("AppConfig answers nothing"));
  const { spec } = await world({ broken: ["/one"] });
  const settling = settle(situation({ SB1: request("/one") }, spec), read, () => {});
  await expect(settling).rejects.toThrow(UserError);
  await expect(settling).rejects.toThrow(
    /should have been taken down by SB1 .* THE FLAGS COULD NOT BE TAKEN DOWN:\n.*AppConfig answers nothing\. Now: npm run cutover -- abort --rollout ops-view .*-s stageB --reason "…"/,
  );
});

test("flags that cannot be taken down are brought down by hand also where the rollout lies outside of the checkout", async () => {
  vi.mocked(lowerFlags).mockRejectedValue(new Error("AppConfig answers nothing"));
  const { spec } = await world({ broken: ["/one"] });
  const { settings, ...at } = situation({ SB1: request("/one") }, spec);
  const elsewhere = { ...at, settings: { ...settings, checkout: "/checkout" } };
  await expect(settle(elsewhere, read, () => {})).rejects.toThrow(
    /Now: npm --prefix \/checkout run cutover -- abort --rollout ops-view -C \/nowhere .*-s stageB --reason "…"/,
  );
});
