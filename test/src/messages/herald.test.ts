import { describe, expect, test } from "vitest";
import type { Ledger } from "../../../src/flags/ledger";
import { gateHash } from "../../../src/gates/hash";
import type { Observation, Seen } from "../../../src/gates/observation";
import { type HeraldWorld, herald } from "../../../src/messages/herald";
import type { HeraldConfig } from "../../../src/messages/heraldConfig";
import { COVERED, entry, flags, gateOf, ledger, note, opsFlags, sqlGate } from "../../support/build";
import { memoryPost, TOPICS, written } from "./letters";

const onMetric = (id: string, name: string) =>
  gateOf(id, {
    source: "metric",
    title: `${name} is quiet`,
    namespace: "OpsView",
    name,
    statistic: "Sum",
    window: "24h",
    minSamples: 10,
    expect: { eq: 0 },
  });

/** Only a checkout can look at it. */
const byCode = gateOf("E3", {
  source: "check",
  title: "Each role sees its own",
  check: "role-scoping",
  timeout: "30s",
});

const config: HeraldConfig = {
  of: {
    rollout: "ops-view",
    name: "stageA",
    specs: opsFlags,
    flags: flags(true, false),
    before: [{ name: "baseline" }],
  },
  store: { applicationId: "app1", environmentId: "env1", profileId: "prof1", region: "eu-central-1" },
  topics: TOPICS,
  messages: {
    C2: written({ title: "Reads have soaked", when: { after: "24h" }, soakSummary: true }),
    C4: written({ title: "Fully enabled", to: ["onCall", "ops", "stakeholders"], when: { after: "48h" } }),
  },
  gates: [onMetric("E1", "Read5xx"), sqlGate("E2"), byCode, onMetric("E5", "Slow")],
  attempt: 1,
  toldGroup: "/cutover/ops-view/stageA/told",
  timeScale: 1,
};
const call = { cutover: 1, row: "C2", stage: "stageA", attempt: 1, deployment: 2 };
const NOW = Date.parse("2026-11-03T12:00:30.000Z");
/** Nothing went wrong in the last day, or since the flip. */
const quietAt = (now: number): Seen => {
  const from = Math.max(now - 86_400_000, Date.parse("2026-11-02T12:00:00.000Z"));
  const window = { from: new Date(from).toISOString(), to: new Date(now).toISOString() };
  return { kind: "metric", value: 0, samples: 1_200, window, coverage: COVERED };
};
const live = ledger(flags(true, false), [entry(1, { note: note({ stage: "baseline" }) }), entry(2)]);
const abort = entry(3, { note: note({ kind: "abort", row: "XA1" }) });
const aborted = ledger(flags(false, false), [entry(2), abort]);

function world(
  changes: Partial<HeraldWorld> & { is?: Ledger; sees?: (gate: string) => Seen | undefined } = {},
) {
  const post = memoryPost();
  const logged: Record<string, unknown>[] = [];
  const measured: [string[], string | undefined][] = [];
  const acts: boolean[] = [];
  const asked: unknown[] = [];
  const all: HeraldWorld = {
    publish: post.publish,
    sent: post.sent,
    keep: post.keep,
    ledger: async () => changes.is ?? live,
    measure: async (gates, { live: own }, acting) => {
      acts.push(acting);
      measured.push([gates.map(({ id }) => id), own?.completedAt]);
      return gates.map((gate): Observation => {
        const at = new Date((changes.now ?? (() => NOW))()).toISOString();
        const metric = gate.definition.source === "metric";
        const seen =
          changes.sees?.(gate.id) ?? (metric ? quietAt(Date.parse(at)) : { kind: "value", value: 1 });
        return { gate: gate.id, definition: gateHash(gate), at, tookMs: 1, seen };
      });
    },
    ask: async (ids, span) => {
      asked.push([ids, span]);
      return {
        over: "since the flip",
        figures: ids.map((id) => ({ id, title: "How", lines: ["imports 7"] })),
      };
    },
    log: (one) => void logged.push(one as Record<string, unknown>),
    now: () => NOW,
    ...changes,
  };
  return { world: all, post, logged, measured, acts, asked };
}

test("says what is due with the soak's figures, observed against required", async () => {
  const { world: here, post, measured } = world();
  await herald(call, config, here);
  const [told] = post.delivered;
  expect(post.delivered).toHaveLength(1);
  expect(told).toMatchObject({ topic: "ops", subject: "ops-view stageA C2: Reads have soaked" });
  for (const part of [
    "Live:         for 1 d 30 s without a break, since 2026-11-02 12:00:00Z",
    "Soak:         3 of 3 exit gates pass",
    "E1 PASS: Read5xx is quiet",
    "E2 PASS",
    "observed  0 over 1 d, 1200 samples",
    "required  Sum = 0 over 24h, ≥ 10 samples",
    "Not in here:  E3, measured by the rollout's own TypeScript: look with npm run cutover -- check",
  ])
    expect(told?.text).toContain(part);
  expect(measured).toEqual([[["E1", "E2", "E5"], "2026-11-02T12:00:00.000Z"]]);
});

test("tells everyone where the message is for everyone, and measures nothing where it has no summary", async () => {
  const { world: here, post, measured } = world();
  await herald({ ...call, row: "C4" }, config, here);
  expect(post.delivered.map(({ topic }) => topic).sort()).toEqual(["on-call", "ops", "stakeholders"]);
  expect(measured).toEqual([]);
});

test("no figures are not good news", async () => {
  const failing = { measure: async () => Promise.reject(new Error("no route")) };
  const { world: here, post } = world(failing);
  await herald(call, config, here);
  expect(post.delivered[0]?.subject).toBe("ops-view stageA C2: Reads have soaked (3 of 3 gates NOT passing)");
  expect(post.delivered[0]?.text).toMatch(/E1 INCONCLUSIVE: .*\n +observed +bad-answer: no route/);
});

describe("an exit gate that writes", () => {
  const act = gateOf("F5", {
    source: "requests",
    title: "The same file makes one batch",
    writes: true,
    steps: [{ path: "/batches", method: "POST" }],
  });
  const quiet = onMetric("E1", "Read5xx");
  const messages = {
    ...config.messages,
    C4: written({ title: "Fully enabled", to: ["onCall", "ops"], when: { after: "24h" }, onlyIf: "exit" }),
  };
  const own = { ...config, messages, gates: [quiet, act] };
  const made: Seen = { kind: "answers", answers: [{ status: 201, ms: 3 }] };
  const refused: Seen = { kind: "answers", answers: [{ status: 404, ms: 3 }] };
  const sees = (seen: Seen) => ({ sees: (gate: string) => (gate === "F5" ? seen : undefined) });

  test("is not run for a message that only shows figures", async () => {
    const { world: here, post, measured, acts } = world();
    await herald(call, own, here);
    expect([measured.map(([ids]) => ids), acts]).toEqual([[["E1"]], [false]]);
    expect(post.delivered[0]?.text).toMatch(/F5 NOT-RUN: .*\n +observed +not run: it changes something/);
  });

  test("is run once for a message that waits for it, which is then sent", async () => {
    const { world: here, post, measured, acts } = world(sees(made));
    await herald({ ...call, row: "C4" }, own, here);
    expect([measured.map(([ids]) => ids), acts]).toEqual([
      [["E1"], ["F5"]],
      [false, true],
    ]);
    expect(post.delivered.map(({ topic }) => topic).sort()).toEqual(["on-call", "ops"]);
    await herald({ ...call, row: "C4" }, own, here);
    expect(measured).toHaveLength(2);
  });

  test("keeps the message back where it does not hold, and is run anew with each try", async () => {
    const { world: here, post, measured } = world(sees(refused));
    for (const _ of [1, 2]) await herald({ ...call, row: "C4" }, own, here);
    expect(post.delivered.map(({ topic }) => topic)).toEqual(["ops"]);
    expect(post.delivered[0]?.text).toMatch(/^Why: +F5: not every exit gate/m);
    expect(measured.map(([ids]) => ids)).toEqual([["E1"], ["F5"], ["E1"], ["F5"]]);
  });

  test("is not run while another gate is open", async () => {
    const away: Seen = { kind: "failure", failure: "unreachable", message: "no route" };
    const is = { sees: (gate: string) => (gate === "E1" ? away : made) };
    const { world: here, post, measured, acts } = world(is);
    for (const _ of [1, 2]) await herald({ ...call, row: "C4" }, own, here);
    expect([measured.map(([ids]) => ids), acts]).toEqual([
      [["E1"], ["E1"]],
      [false, false],
    ]);
    expect(post.delivered[0]?.text).toMatch(/^Why: +E1, F5: not every exit gate/m);
  });

  test("is not run under the flags of the stage that followed", async () => {
    const next = entry(3, {
      note: note({ stage: "stageB" }),
      completedAt: "2026-11-03T12:00:10.000Z",
    });
    const is = ledger(flags(true, true), [...live.history, next]);
    const { world: here, post, acts } = world({ is });
    await herald({ ...call, row: "C4" }, own, here);
    expect(acts).toEqual([false]);
    expect(post.delivered[0]?.text).toMatch(/^Why: +F5: /m);
  });
});

test("does not tell what the document holds beside the rollout's flags", async () => {
  const odd = { ...flags(true, false), LEFTOVER: true };
  const { world: here, post } = world({ is: ledger(odd, live.history) });
  await herald(call, config, here);
  expect(post.delivered[0]?.text).not.toContain("LEFTOVER");
});

test("counts in declared time where time is scaled", async () => {
  const { world: here, post } = world({ now: () => Date.parse("2026-11-02T12:00:30.000Z") });
  await herald(call, { ...config, timeScale: 2_880 }, here);
  expect(post.delivered[0]?.text).toContain("for 1 d without a break");
});

describe("what is not true is not said:", () => {
  const followed = (at: string) =>
    ledger(flags(true, true), [entry(2), entry(3, { note: note({ stage: "stageB" }), completedAt: at })]);

  test.each<[string, Ledger]>([
    ["aborted", aborted],
    ["superseded", followed("2026-11-03T11:00:00.000Z")],
    ["repeated", ledger(flags(true, false), [entry(2), entry(3, { note: note({ attempt: 2 }) })])],
    ["broken", ledger(flags(true, false), [entry(2), entry(3, { state: "rolled-back" })])],
    ["unknown", ledger(flags(true, false), [])],
  ])("%s", async (kind, is) => {
    const { world: here, post, logged, measured } = world({ is });
    await herald(call, config, here);
    expect(post.delivered).toEqual([]);
    expect(measured).toEqual([]);
    expect(logged).toEqual([
      { event: "cancelled", row: "C2", attempt: 1, kind, sentence: expect.stringMatching(/./) },
    ]);
  });

  test("but a stage that was followed once its time was over has soaked", async () => {
    const { world: here, post } = world({ is: followed("2026-11-03T12:00:05.000Z") });
    await herald(call, config, here);
    expect(post.delivered[0]?.text).toMatch(/for 1 d 5 s without a break[\s\S]*Followed by: +stageB/);
  });
});

describe("fails, to be tried again and then to page, where", () => {
  test("the ledger cannot be read: it says that it does not know", async () => {
    const { world: here, post } = world({ ledger: () => Promise.reject(new Error("AccessDenied")) });
    await expect(herald(call, config, here)).rejects.toThrow(
      "ops-view stageA C2 was not sent: the ledger cannot be read, so it is not known whether it is true: AccessDenied",
    );
    expect(post.delivered).toEqual([]);
  });

  test("a topic refuses; tried again, it tells nobody twice", async () => {
    const { world: here, post } = world();
    const C4 = { ...call, row: "C4" };
    post.refusing.add("ops");
    await expect(herald(C4, config, here)).rejects.toThrow("attempt-1/C4/ops could not be sent: ops refuses");
    post.refusing.clear();
    await herald(C4, config, here);
    expect(post.delivered.map(({ topic }) => topic).sort()).toEqual(["on-call", "ops", "stakeholders"]);
  });

  test.each([
    ["no message is named", { row: "C9" }],
    ["an inherited name is", { row: "constructor" }],
    ["another stage is named", { stage: "stageB" }],
    ["the attempt is none", { attempt: 0 }],
    ["the call has more to say", { admin: true }],
  ])("%s", async (_, changes) => {
    const { world: here, post } = world();
    await expect(herald({ ...call, ...changes }, config, here)).rejects.toThrow();
    expect(post.delivered).toEqual([]);
  });
});

test("where it cannot be known what was told, it tells: better twice than never", async () => {
  const { world: here, post, logged } = world({ sent: () => Promise.reject(new Error("AccessDenied")) });
  await herald(call, config, here);
  expect(post.delivered).toHaveLength(1);
  expect(logged[0]).toEqual({ event: "unknown-what-was-told", reason: "AccessDenied" });
});

describe("a check that comes again and again", () => {
  const checking = {
    ...config,
    messages: { S1: written({ title: "Hourly check", when: { every: "1h" }, soakSummary: true }) },
  };
  const due = { ...call, row: "S1" };
  const HOUR = 3_600_000;
  const FLIP = Date.parse("2026-11-02T12:00:00.000Z");
  const at = (ms: number) => ({ now: () => FLIP + ms });

  test("says which one it is, with the soak's figures", async () => {
    const { world: here, post } = world(at(3 * HOUR + 20_000));
    await herald(due, checking, here);
    expect(post.delivered).toHaveLength(1);
    expect(post.delivered[0]?.text).toContain("Check:        number 3, one every 1h");
    // What asks for a day of data passes no sooner, as before a promotion.
    expect(post.delivered[0]?.text).toContain("Soak:         1 of 3 exit gates pass");
    expect(post.delivered[0]?.text).toMatch(
      /E1 INCONCLUSIVE: [\s\S]*to do +Wait until the window is covered/,
    );
    expect([...post.kept]).toEqual(["attempt-1/S1/ops/check-3"]);
  });

  test("is told once each time, also where it is called twice", async () => {
    const { world: here, post } = world();
    for (const ms of [HOUR + 1_000, HOUR + 9_000, 2 * HOUR + 1_000, 2 * HOUR + 50 * 60_000])
      await herald(due, checking, { ...here, ...at(ms) });
    expect(post.delivered).toHaveLength(2);
    expect([...post.kept]).toEqual(["attempt-1/S1/ops/check-1", "attempt-1/S1/ops/check-2"]);
  });

  test("never comes before its time", async () => {
    const { world: here, post, logged } = world(at(HOUR - 1_000));
    await herald(due, checking, here);
    expect(post.delivered).toEqual([]);
    expect(logged).toMatchObject([{ event: "cancelled", kind: "early" }]);
  });

  test.each<[string, Ledger, string]>([
    ["an abort", aborted, "aborted"],
    [
      "the next stage's promotion",
      ledger(flags(true, true), [entry(2), entry(3, { note: note({ stage: "stageB" }) })]),
      "followed",
    ],
    [
      "a next attempt",
      ledger(flags(true, false), [entry(2), entry(3, { note: note({ attempt: 2 }) })]),
      "repeated",
    ],
  ])("ends with %s", async (_, is, kind) => {
    const { world: here, post, logged } = world({ is, ...at(30 * HOUR) });
    await herald(due, checking, here);
    expect(post.delivered).toEqual([]);
    expect(logged).toMatchObject([{ event: "cancelled", kind }]);
  });
});

describe("a message that waits for the exit gates", () => {
  const HOUR = 3_600_000;
  const FLIP = Date.parse("2026-11-02T12:00:00.000Z");
  const C4 = written({
    title: "Fully enabled",
    to: ["onCall", "stakeholders"],
    when: { after: "48h" },
    onlyIf: "exit",
  });
  const waiting = {
    ...config,
    messages: { C4 },
    gates: [onMetric("F1", "Write5xx"), sqlGate("F3")],
  };
  const due = { ...call, row: "C4" };
  const broken: Seen = { kind: "value", value: 0 };
  const run = (ms: number, seen: Record<string, Seen | undefined>, post = memoryPost()) => {
    const made = world({
      publish: post.publish,
      sent: post.sent,
      keep: post.keep,
      now: () => FLIP + ms,
      sees: (gate) => seen[gate],
    });
    return { ...made, post };
  };

  test("is sent to everyone where all of them hold", async () => {
    const { world: here, post } = run(48 * HOUR + 1_000, {});
    await herald(due, waiting, here);
    expect(post.delivered.map(({ topic }) => topic).sort()).toEqual(["on-call", "stakeholders"]);
    expect(post.delivered[0]?.subject).toBe("ops-view stageA C4: Fully enabled");
  });

  test.each<[string, Partial<HeraldConfig>, Record<string, Seen>, string]>([
    ["fails", {}, { F3: broken }, "F3"],
    [
      "cannot be looked at",
      {},
      { F3: { kind: "failure", failure: "unreachable", message: "no route" } },
      "F3",
    ],
    ["is out of sight of a function", { gates: [...waiting.gates, byCode] }, {}, "E3"],
  ])("is not where one %s: ops alone hears of it, and why", async (_, changes, seen, gate) => {
    const { world: here, post, logged } = run(48 * HOUR + 1_000, seen);
    await herald(due, { ...waiting, ...changes }, here);
    expect(post.delivered.map(({ topic }) => topic)).toEqual(["ops"]);
    expect(post.delivered[0]?.text).toContain("! NOT SENT");
    expect(post.delivered[0]?.text).toMatch(new RegExp(`^Why: +${gate}:`, "m"));
    expect([...post.kept]).toEqual([`attempt-1/C4/ops/withheld-${gate}`]);
    expect(logged.at(-1)).toMatchObject({ event: "withheld" });
  });

  test("is tried again: said once while it stays so, and sent once they hold, once", async () => {
    const post = memoryPost();
    const open: Record<string, Seen | undefined> = { F3: broken };
    for (const ms of [48 * HOUR + 1_000, 54 * HOUR, 60 * HOUR])
      await herald(due, waiting, run(ms, open, post).world);
    expect(post.delivered.map(({ topic }) => topic)).toEqual(["ops"]);
    await herald(due, waiting, run(66 * HOUR, {}, post).world);
    expect(post.delivered.map(({ topic }) => topic).sort()).toEqual(["on-call", "ops", "stakeholders"]);
    const again = run(72 * HOUR, open, post);
    await herald(due, waiting, again.world);
    expect(again.measured).toEqual([]);
    expect(post.delivered).toHaveLength(3);
  });

  test("is given up after 14 days, which is said", async () => {
    const post = memoryPost();
    await herald(due, waiting, run(48 * HOUR + 1_000, { F3: broken }, post).world);
    await herald(due, waiting, run((48 + 14 * 24 - 1) * HOUR, { F3: broken }, post).world);
    expect(post.delivered.map(({ topic }) => topic)).toEqual(["ops", "ops"]);
    expect(post.delivered[1]?.text).toContain("tell people by hand");
  });

  test("is cancelled by an abort as any other", async () => {
    const { world: here, post } = world({ is: aborted });
    await herald(due, waiting, here);
    expect(post.delivered).toEqual([]);
  });
});

describe("questions about imports", () => {
  const HOUR = 3_600_000;
  const FLIP = Date.parse("2026-11-02T12:00:00.000Z");

  test.each([
    ["since the flip", { after: "15m" }, FLIP + 15 * 60_000, FLIP],
    ["since the last time, again and again", { every: "24h" }, FLIP + 49 * HOUR, FLIP + 25 * HOUR],
    ["never since before the flip", { every: "24h" }, FLIP + 24 * HOUR, FLIP],
  ])("are asked %s", async (_, when, now, from) => {
    const { world: here, post, asked } = world({ now: () => now });
    const messages = { MQ: written({ when, queries: ["Q1", "Q6"] }) };
    await herald({ ...call, row: "MQ" }, { ...config, messages }, here);
    expect(asked).toEqual([[["Q1", "Q6"], { from, to: now }]]);
    expect(post.delivered[0]?.text).toMatch(/^Figures: +since the flip\n\n {2}Q1 How\n {5}imports 7$/m);
  });

  test("are not where the message carries none", async () => {
    const { world: here, asked } = world();
    await herald(call, config, here);
    expect(asked).toEqual([]);
  });
});
