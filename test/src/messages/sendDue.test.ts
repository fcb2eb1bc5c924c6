import { describe, expect, test } from "vitest";
import type { Ledger } from "../../../src/flags/ledger";
import { gateHash } from "../../../src/gates/hash";
import type { Observation, Seen } from "../../../src/gates/observation";
import type { MessagesConfig } from "../../../src/messages/messagesConfig";
import { type MessagesWorld, sendDue } from "../../../src/messages/sendDue";
import { COVERED, entry, flags, gateOf, ledger, note, opsFlags, sqlGate } from "../../support/build";
import { memoryPost, TOPICS, written } from "./topicMessages";

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

const config: MessagesConfig = {
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
  sentGroup: "/cutover/ops-view/stageA/sent",
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
  changes: Partial<MessagesWorld> & { is?: Ledger; sees?: (gate: string) => Seen | undefined } = {},
) {
  const post = memoryPost();
  const logged: Record<string, unknown>[] = [];
  const measured: [string[], string | undefined][] = [];
  const asked: unknown[] = [];
  const all: MessagesWorld = {
    publish: post.publish,
    sent: post.sent,
    keep: post.keep,
    ledger: async () => changes.is ?? live,
    measure: async (gates, { live: own }) => {
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
  return { world: all, post, logged, measured, asked };
}

test("says what is due with the soak's figures, observed against required", async () => {
  const { world: here, post, measured } = world();
  await sendDue(call, config, here);
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
  await sendDue({ ...call, row: "C4" }, config, here);
  expect(post.delivered.map(({ topic }) => topic).sort()).toEqual(["on-call", "ops", "stakeholders"]);
  expect(measured).toEqual([]);
});

test("no figures are not good news", async () => {
  const failing = { measure: async () => Promise.reject(new Error("no route")) };
  const { world: here, post } = world(failing);
  await sendDue(call, config, here);
  expect(post.delivered[0]?.subject).toBe("ops-view stageA C2: Reads have soaked (3 of 3 gates NOT passing)");
  expect(post.delivered[0]?.text).toMatch(/E1 INCONCLUSIVE: .*\n +observed +bad-answer: no route/);
});

test("an exit gate that writes is not run for figures", async () => {
  const act = gateOf("F5", {
    source: "requests",
    title: "The same file makes one batch",
    writes: true,
    steps: [{ path: "/batches", method: "POST" }],
  });
  const { world: here, post, measured } = world();
  await sendDue(call, { ...config, gates: [onMetric("E1", "Read5xx"), act] }, here);
  expect(measured.map(([ids]) => ids)).toEqual([["E1"]]);
  expect(post.delivered[0]?.text).toMatch(/F5 NOT-RUN: .*\n +observed +not run: it changes something/);
});

test("does not tell what the document holds beside the rollout's flags", async () => {
  const odd = { ...flags(true, false), LEFTOVER: true };
  const { world: here, post } = world({ is: ledger(odd, live.history) });
  await sendDue(call, config, here);
  expect(post.delivered[0]?.text).not.toContain("LEFTOVER");
});

test("counts in declared time where time is scaled", async () => {
  const { world: here, post } = world({ now: () => Date.parse("2026-11-02T12:00:30.000Z") });
  await sendDue(call, { ...config, timeScale: 2_880 }, here);
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
    await sendDue(call, config, here);
    expect(post.delivered).toEqual([]);
    expect(measured).toEqual([]);
    expect(logged).toEqual([
      { event: "cancelled", row: "C2", attempt: 1, kind, sentence: expect.stringMatching(/./) },
    ]);
  });

  test("but a stage that was followed once its time was over has soaked", async () => {
    const { world: here, post } = world({ is: followed("2026-11-03T12:00:05.000Z") });
    await sendDue(call, config, here);
    expect(post.delivered[0]?.text).toMatch(/for 1 d 5 s without a break[\s\S]*Followed by: +stageB/);
  });
});

describe("fails, to be tried again and then to page, where", () => {
  test("the ledger cannot be read: it says that it does not know", async () => {
    const { world: here, post } = world({ ledger: () => Promise.reject(new Error("AccessDenied")) });
    await expect(sendDue(call, config, here)).rejects.toThrow(
      "ops-view stageA C2 was not sent: the ledger cannot be read, so it is not known whether it is true: AccessDenied",
    );
    expect(post.delivered).toEqual([]);
  });

  test("a topic refuses; tried again, it tells nobody twice", async () => {
    const { world: here, post } = world();
    const C4 = { ...call, row: "C4" };
    post.refusing.add("ops");
    await expect(sendDue(C4, config, here)).rejects.toThrow(
      "attempt-1/C4/ops could not be sent: ops refuses",
    );
    post.refusing.clear();
    await sendDue(C4, config, here);
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
    await expect(sendDue({ ...call, ...changes }, config, here)).rejects.toThrow();
    expect(post.delivered).toEqual([]);
  });
});

test("where it cannot be known what was told, it tells: better twice than never", async () => {
  const { world: here, post, logged } = world({ sent: () => Promise.reject(new Error("AccessDenied")) });
  await sendDue(call, config, here);
  expect(post.delivered).toHaveLength(1);
  expect(logged[0]).toEqual({ event: "unknown-what-was-sent", reason: "AccessDenied" });
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
    await sendDue(due, checking, here);
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
      await sendDue(due, checking, { ...here, ...at(ms) });
    expect(post.delivered).toHaveLength(2);
    expect([...post.kept]).toEqual(["attempt-1/S1/ops/check-1", "attempt-1/S1/ops/check-2"]);
  });

  test("never comes before its time", async () => {
    const { world: here, post, logged } = world(at(HOUR - 1_000));
    await sendDue(due, checking, here);
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
    await sendDue(due, checking, here);
    expect(post.delivered).toEqual([]);
    expect(logged).toMatchObject([{ event: "cancelled", kind }]);
  });
});
