import { describe, expect, test } from "vitest";
import type { Facts } from "../../../cli/status/facts";
import { statusView as schema } from "../../../cli/status/schema";
import { focusOn, statusView } from "../../../cli/status/view";
import { codeDigest } from "../../../src/flags/acknowledged";
import { keptWords, marksFor } from "../../../src/flags/doors";
import { ALL_STAGES, type Ledger } from "../../../src/flags/ledger";
import { doorsOf } from "../../../src/rollout/doors";
import type { Rollout, Stage } from "../../../src/rollout/rollout";
import { ago, booleanFlag, entry, flags, ledger, note } from "../../support/build";
import { ALARMS, abortedB, DENIED, facts, is, liveA, liveB, OK, ROLLOUT } from "./facts";

const HOUR = 3_600_000;
const BOTH = { ...ALARMS, "ops-view-stageB-XB1": OK };

async function view(found: Ledger | undefined, spec: Partial<Facts> = {}) {
  // What is printed as JSON is what the schema says.
  return schema.parse(statusView(await facts(found, spec)));
}

async function states(found: Ledger | undefined, spec: Partial<Facts> = {}) {
  const { stages } = await view(found, spec);
  return Object.fromEntries(stages.map(({ name, state }) => [name, state]));
}

describe("a stage that there is no way back from", () => {
  const stages = ROLLOUT.stages.map((one) =>
    one.name === "stageB" ? { ...one, irreversible: { floor: "stageB", because: "memory is gone" } } : one,
  ) as unknown as Rollout["stages"];
  const irreversible = { ...ROLLOUT, stages };
  const UNDER_WAY = { state: "under-way", completedAt: undefined } as const;
  const kept = async (found: Ledger) => {
    const { flags: part } = await view(found, { rollout: irreversible });
    return part.known ? part.value?.kept : "unknown";
  };

  test("that is up is told with what no abort goes below, in the words of the page", async () => {
    expect(await kept(liveB(1))).toBe(
      keptWords(irreversible.flags, { behind: marksFor(doorsOf(irreversible)), kept: flags(true, true) }),
    );
    expect(await kept(liveB(1))).toBe(
      "there is no way back from stageB (memory is gone): OPS_VIEW_DB_READ true, OPS_VIEW_DB_WRITE true stay",
    );
  });

  test.each<[string, Ledger]>([
    ["is down", liveA(30)],
    [
      "goes up: not every server is given it yet",
      ledger(flags(true, false), [
        ...liveA(30).history,
        entry(3, { ...UNDER_WAY, note: note({ stage: "stageB" }), flags: flags(true, true) }),
      ]),
    ],
  ])("keeps nothing where it %s", async (_, found) => {
    expect(await kept(found)).toBeUndefined();
  });

  test("keeps no more than what every server is given, and its floor beside what nobody can read", async () => {
    const lower = entry(4, { ...UNDER_WAY, note: note({ kind: "lower" }), flags: flags(true, false) });
    const coming = (one: typeof lower) => ledger(flags(true, true), [...liveB(1).history, one]);
    expect(await kept(coming(lower))).toMatch(/: OPS_VIEW_DB_READ true stays$/);
    expect(await kept(coming(entry(4, UNDER_WAY)))).toBe(await kept(liveB(1)));
  });

  test("has why beside its line, wherever the rollout stands by then", async () => {
    const found = await view(liveB(1), { rollout: irreversible });
    expect(found.stages.map(({ irreversible: why }) => why)).toEqual([
      undefined,
      undefined,
      "memory is gone",
    ]);
    const before = await view(liveA(30), { rollout: irreversible });
    expect(before.stages.some((one) => "irreversible" in one)).toBe(false);
  });

  test.each([
    ["a row", "XB1", true],
    ["a person", undefined, false],
  ])("that is held by %s is told where a row did it, with how the hold ends", async (_, row, told) => {
    const hold = note({
      kind: "hold",
      stage: ALL_STAGES,
      reason: "writes are lost",
      ...(row ? { row } : {}),
    });
    const held = entry(4, { completedAt: ago(60_000), note: hold, configurationVersion: "3" });
    const on = ledger(flags(true, true), [...liveB(1).history, held]);
    const { attention } = await view(on, { rollout: irreversible });
    const own = attention.filter(({ what }) => what.startsWith("is held by"));
    expect(own).toHaveLength(told ? 1 : 0);
    for (const { what, remedy } of own) {
      expect(what).toMatch(/^is held by XB1 since .*there is no way back \(deployment 4\): writes are lost$/);
      expect(remedy).toMatch(/ release --rollout ops-view --reason /);
    }
    const release = entry(5, {
      note: note({ kind: "release", stage: ALL_STAGES }),
      configurationVersion: "3",
    });
    const free = await view(ledger(flags(true, true), [...on.history, release]), { rollout: irreversible });
    expect(free.attention.some(({ what }) => what.startsWith("is held"))).toBe(false);
  });

  test("of no rollout: nothing is said of any", async () => {
    const { flags: part } = await view(liveB(1));
    expect(part).not.toHaveProperty("value.kept");
  });
});

describe("stages", () => {
  test.each<[string, Ledger | undefined, string[]]>([
    ["before anything", undefined, ["not started", "not started", "not started"]],
    [
      "of a store without deployments",
      { history: [], newest: 0 },
      ["not started", "not started", "not started"],
    ],
    ["while stageA soaks", liveA(3), ["passed", "soaking", "blocked"]],
    ["when stageA has soaked", liveA(25), ["passed", "live", "blocked"]],
    ["while stageB soaks", liveB(1), ["passed", "passed", "soaking"]],
    ["at the end", liveB(49), ["passed", "passed", "live"]],
    ["after an abort of stageB", abortedB(), ["passed", "soaking", "aborted"]],
    [
      "while stageB is deployed",
      ledger(flags(true, false), [
        entry(2, { completedAt: ago(25 * HOUR) }),
        entry(3, { state: "under-way", completedAt: undefined, note: note({ stage: "stageB" }) }),
      ]),
      ["passed", "live", "deploying"],
    ],
    [
      "after an abort of all",
      ledger(flags(false, false), [
        entry(1, { completedAt: ago(30 * HOUR), note: note({ stage: "baseline" }) }),
        entry(2, { completedAt: ago(20 * HOUR) }),
        entry(3, { completedAt: ago(HOUR), note: note({ kind: "abort", stage: "all" }) }),
      ]),
      ["live", "aborted", "not started"],
    ],
    [
      "after AppConfig took stageA back",
      ledger(flags(false, false), [
        entry(1, { completedAt: ago(30 * HOUR), note: note({ stage: "baseline" }) }),
        entry(2, { state: "rolled-back", completedAt: ago(HOUR) }),
      ]),
      ["live", "aborted", "not started"],
    ],
  ])("%s", async (_, found, expected) => {
    expect(Object.values(await states(found))).toEqual(expected);
  });

  test("are unknown where the ledger is", async () => {
    expect(Object.values(await states(undefined, { ledger: DENIED }))).toEqual([
      "unknown",
      "unknown",
      "unknown",
    ]);
  });

  test("a soak tells what is left of it, on the clock", async () => {
    const { stages } = await view(liveA(3));
    expect(stages[1]).toMatchObject({ since: ago(3 * HOUR), soakEnds: ago(-21 * HOUR) });
    expect(stages[1]?.sentence).toMatch(/^21 h left of 24h, until 2026-11-22 09:00:00Z; live for 3 h/);
    const scaled = await view(liveA(3), { timeScale: 2 });
    expect(scaled.stages[1]?.soakEnds).toBe(ago(-9 * HOUR));
  });

  test("pages that carried a code are told, newest first, with who saw them", async () => {
    const of = { rollout: "ops-view", stage: "stageA" };
    const paged = (deployment: number, age: number, more: object) =>
      entry(deployment, {
        ...{ completedAt: ago(age), configurationVersion: "2", carries: true },
        note: note({ kind: "drill", digest: codeDigest(of, `0000${deployment}`), ...more }),
      });
    const seen = paged(4, HOUR - 300_000, {
      kind: "acknowledge",
      digest: undefined,
      code: "00003",
      by: "ada",
    });
    const { pages } = await view(
      ledger(flags(true, false), [...liveA(20).history, paged(3, HOUR, {}), seen, paged(5, 60_000, {})]),
    );
    const drilled = { stage: "stageA", of: "a drill of stageA, attempt 1" };
    expect(pages).toEqual({
      known: true,
      value: [
        { ...drilled, deployment: 5, at: ago(60_000), said: "nobody has said that they saw it" },
        {
          ...{ ...drilled, deployment: 3, at: ago(HOUR), said: "seen by ada after 5 m" },
          seen: { at: ago(HOUR - 300_000), by: "ada" },
        },
      ],
    });
  });

  test("so are those of which the ledger has no entry", async () => {
    const page = (row: string, age: number, by?: string) => ({
      ...{ stage: "stageA", row, at: ago(age), digests: ["aa"] },
      ...(by === undefined ? {} : { seen: { at: Date.parse(ago(age - 60_000)), by } }),
    });
    const paged = is([page("XA3", HOUR, "ada"), page("XA9", 2 * HOUR)]);
    const { pages } = await view(liveA(20), { paged });
    expect(pages).toEqual({
      known: true,
      value: [
        {
          ...{ stage: "stageA", of: "the alarm of stageA, by XA3", at: ago(HOUR) },
          ...{ seen: { at: ago(HOUR - 60_000), by: "ada" }, said: "seen by ada after 1 m" },
        },
        {
          ...{ stage: "stageA", of: "the alarm of stageA, by XA9", at: ago(2 * HOUR) },
          said: "nobody has said that they saw it",
        },
      ],
    });
    expect((await view(liveA(20), { paged: DENIED })).pages.known).toBe(false);
  });

  test("a drill is told, and the stage stays the live one, with its soak", async () => {
    const drilled = ledger(flags(true, false), [
      ...liveA(20).history,
      entry(3, {
        completedAt: ago(HOUR),
        configurationVersion: "2",
        note: note({ kind: "drill", breachAt: ago(HOUR + 4_000) }),
      }),
    ]);
    const { stages, drill, flags: live } = await view(drilled);
    expect(stages[1]).toMatchObject({ state: "soaking", since: ago(20 * HOUR) });
    expect(drill).toEqual({
      known: true,
      value: { stage: "stageA", deployment: 3, at: ago(HOUR), tookMs: 4_000 },
    });
    expect(live).toMatchObject({ value: { by: "stageA, attempt 1", deployment: 3 } });
  });

  test("flags that somebody else put there are told of until a stop of ours has answered for them", async () => {
    const { history } = abortedB();
    const stranger = entry(5, { completedAt: ago(HOUR), note: undefined, flags: flags(true, false) });
    const stop = entry(6, {
      completedAt: ago(HOUR / 2),
      note: note({ kind: "stop", stage: "stageB", attempt: 2 }),
      configurationVersion: stranger.configurationVersion,
      flags: flags(true, false),
    });
    const told = async (...later: (typeof stop)[]) =>
      (await view(ledger(flags(true, false), [...history, ...later]))).attention.some(
        ({ where, what }) => where === "flags" && what.includes("which cutover did not make"),
      );
    expect(await told(stranger)).toBe(true);
    expect(await told(stranger, stop)).toBe(false);
  });

  test("a stop of the next attempt, too, is gone past by the one after it", async () => {
    const { history } = abortedB();
    const stop = entry(5, {
      completedAt: ago(HOUR),
      note: note({ kind: "stop", stage: "stageB", attempt: 2 }),
      configurationVersion: history[0]?.configurationVersion ?? "",
    });
    const { stages } = await view(ledger(flags(true, false), [...history, stop]));
    expect(stages[2]?.sentence).toContain("set attempt: 3 in Pulumi.stageB.yaml");
  });

  test("an abort tells by which row, when, and how to go on", async () => {
    const { stages, attention } = await view(abortedB(), { alarms: is(BOTH) });
    expect(stages[2]?.aborted).toEqual({ by: "XB1", at: ago(2 * HOUR), attempt: 1 });
    expect(stages[2]?.sentence).toBe(
      "by XB1 (A write endpoint answers with a server error) 2 h ago, at 2026-11-21 10:00:00Z; set attempt: 2 in Pulumi.stageB.yaml, with new sign-offs, to promote it again",
    );
    expect(attention.map(({ where, what }) => `${where} ${what}`)).toEqual([
      "stageB was aborted by XB1 at 2026-11-21 10:00:00Z",
    ]);
  });

  test("what an abort left contracted is told of the stage that it is of, whose flags nobody raised again", async () => {
    const more = (MORE: boolean, read: boolean, write = true) => ({ ...flags(read, write), MORE });
    const [baseline, stageA, stageB] = ROLLOUT.stages as unknown as [Stage, Stage, Stage];
    const of = {
      ...ROLLOUT,
      flags: { ...ROLLOUT.flags, MORE: booleanFlag() },
      stages: [
        { ...baseline, flags: more(false, false, false) },
        { ...stageA, flags: more(false, true) },
        { ...stageB, flags: more(true, false), contracts: ["OPS_VIEW_DB_READ"] },
      ],
    } as unknown as Rollout;
    const left = more(false, false);
    const contracts = ["OPS_VIEW_DB_READ"];
    const promoted = entry(3, { note: note({ stage: "stageB", contracts }), flags: more(true, false) });
    const abort = entry(4, { note: note({ kind: "abort", stage: "stageB", row: "XB1" }), flags: left });
    const found = await view(ledger(left, [...liveA(30).history, promoted, abort]), { rollout: of });
    expect(found.attention.map(({ what }) => what)).not.toContain("are those of no stage");
    expect(found.stages[1]?.sentence).toContain(
      "but for OPS_VIEW_DB_READ false, which an abort left so: only a new attempt raises that again",
    );
  });

  test("of some flags alone is told with what is typed where the others are up still", async () => {
    const left = flags(false, true);
    const abort = entry(5, { note: note({ kind: "abort", stage: "stageB", row: "XB1" }), flags: left });
    const found = await view(ledger(left, [...liveB(30).history, abort]));
    expect(found.attention).toContainEqual({
      where: "flags",
      what: "are those of no stage: an abort left them so",
      remedy: expect.stringMatching(
        /^Bring down what is left of stageA and the stages after it: .* abort --rollout \S+ -s stageA .*Then promote stageA anew$/,
      ),
    });
  });

  test("with a new attempt it is next again, and still tells of the abort", async () => {
    const stages = ROLLOUT.stages.map((one) => (one.name === "stageB" ? { ...one, attempt: 2 } : one));
    const again = { ...ROLLOUT, stages: stages as unknown as typeof ROLLOUT.stages };
    const found = await view(abortedB(), { rollout: again, alarms: is(BOTH) });
    expect(found.stages[2]).toMatchObject({ state: "blocked", aborted: { by: "XB1", attempt: 1 } });
    expect(found.stages[2]?.sentence).toMatch(/^attempt 2; attempt 1 was aborted by XB1 .*; by B2, B3/);
    expect(found.attention).toEqual([]);
  });

  test("each attempt that the ledger knows of is there, with how it ended", async () => {
    const { stages } = await view(abortedB(), { alarms: is(BOTH) });
    expect(stages.map(({ attempts }) => attempts.map(({ ended, by }) => [ended, by]))).toEqual([
      [["passed", undefined]],
      [["live", undefined]],
      [["down", undefined]],
    ]);
    const unread = { ok: false, why: "access denied", remedy: "Give it" } as const;
    const without = await view(undefined, { ledger: unread });
    expect(without.stages.map(({ attempts }) => attempts)).toEqual([[], [], []]);
  });

  test("a plan that is refused says why", async () => {
    const foreign = ledger(flags(true, false), [
      ...liveA(30).history,
      entry(3, { completedAt: ago(25 * HOUR), note: undefined }),
    ]);
    const { stages, attention } = await view(foreign);
    expect(stages[2]).toMatchObject({ state: "blocked" });
    expect(stages[2]?.sentence).toMatch(/which cutover did not make/);
    expect(attention[0]?.what).toBe("were put there by deployment 3, which cutover did not make");
  });
});

describe("gates", () => {
  test("those that cost nothing are judged, the others are named as not measured", async () => {
    const { gates, stages } = await view(liveA(3));
    expect(gates).toMatchObject({ known: true, value: { stage: "stageB", measured: false } });
    const outcomes =
      gates?.known && Object.fromEntries(gates.value.verdicts.map(({ id, outcome }) => [id, outcome]));
    expect(outcomes).toEqual({
      A9: "not-run",
      B1: "not-run",
      B2: "fail",
      B3: "inconclusive",
      E1: "not-run",
    });
    expect(gates?.known && gates.value.earliest).toBe(ago(-21 * HOUR));
    expect(stages[2]?.sentence).toBe("by B2, B3, not before 2026-11-22 09:00:00Z");
  });

  test("that pass and were all measured make a stage ready; one that was not, does not", async () => {
    const [first, second, third] = ROLLOUT.stages;
    const { B2 } = third?.entry ?? {};
    const only = (entries: object) =>
      ({
        ...ROLLOUT,
        stages: [first, { ...second, exit: {} }, { ...third, entry: entries }],
      }) as unknown as typeof ROLLOUT;
    expect((await states(liveA(25), { rollout: only({ B2 }) })).stageB).toBe("ready");
    const unmeasured = async (entries: object) =>
      (await view(liveA(25), { rollout: only({ B2, ...entries }) })).stages[2];
    const { A9 } = third?.entry ?? {};
    expect(await unmeasured({ A9 })).toMatchObject({
      state: "next",
      sentence: "1 gate is not measured yet",
    });
    expect((await unmeasured({ A9, A10: A9 }))?.sentence).toBe("2 gates are not measured yet");
  });

  test("that could not be measured are unknown, and the stage is not called ready", async () => {
    const found = await view(liveA(25), { measured: DENIED });
    expect(found.gates).toEqual({ known: false, why: DENIED.why, remedy: DENIED.remedy });
    expect(found.complete).toBe(false);
    expect(found.stages[2]?.state).toBe("next");
  });
});

describe("alarms", () => {
  test("those of stages that are up, by row, then cutover's own; a drill's is no sign of trouble", async () => {
    const { alarms } = await view(liveA(3), {
      alarms: is({ ...ALARMS, "ops-view-stageA-drill": { state: "ALARM" }, "ops-view-2-stageA-XA1": OK }),
    });
    expect(alarms.known && alarms.value.map(({ row, name, state }) => [row, name, state])).toEqual([
      ["XA1", "ops-view-stageA-XA1", "ok"],
      ["XA3", "ops-view-stageA-XA3", "ok"],
      [undefined, "ops-view-stageA-abort.errors", "ok"],
    ]);
  });

  test("one that fires, and one that is not there, have to be looked at", async () => {
    const { attention } = await view(liveA(3), {
      alarms: is({ "ops-view-stageA-XA1": { state: "ALARM", since: ago(HOUR) } }),
    });
    expect(attention).toEqual([
      {
        where: "stageA XA1",
        what: "is in ALARM since 2026-11-21 11:00:00Z: The queue answers with a server error",
        remedy: "What to do about: The queue answers with a server error",
      },
      {
        where: "stageA XA3",
        what: "has no alarm, so nothing would abort by it",
        remedy:
          "Bring the stage up again, after a refresh that sees it is gone: pulumi refresh -s stageA, then pulumi up -s stageA",
      },
    ]);
  });

  test("that may not be read are unknown, and all else is told", async () => {
    const found = await view(liveA(3), { alarms: DENIED });
    expect(found.alarms).toEqual({ known: false, why: DENIED.why, remedy: DENIED.remedy });
    expect(found.complete).toBe(false);
    expect(found.flags.known).toBe(true);
    expect(found.stages[1]?.state).toBe("soaking");
  });
});

describe("messages", () => {
  const told = { stageA: ["attempt-1/C2/ops"] };
  test.each<[string, Ledger, Partial<Facts>, Record<string, string>]>([
    ["that is to come is due", liveA(3), {}, { C2: "due", C3: "at the flip" }],
    ["that was sent says so", liveA(25), { told: is(told) }, { C2: "sent", C3: "at the flip" }],
    ["that was not sent is overdue", liveA(25), {}, { C2: "overdue", C3: "at the flip" }],
    ["has a while to be sent in", liveA(24.1), {}, { C2: "due", C3: "at the flip" }],
    [
      "of a former attempt does not count",
      liveA(25),
      { told: is({ stageA: ["attempt-11/C2/ops"] }) },
      { C2: "overdue", C3: "at the flip" },
    ],
    ["of a stage that was aborted is cancelled", abortedB(), { told: is(told) }, { C2: "sent" }],
  ])("one %s", async (_, found, spec, expected) => {
    const { messages } = await view(found, spec);
    const list = messages.known ? messages.value : [];
    expect(Object.fromEntries(list.map(({ row, state }) => [row, state]))).toMatchObject(expected);
  });

  test("one that is sent again and again is due at its next time, and no longer once the stage is down", async () => {
    const stages = ROLLOUT.stages.map((one) => ({
      ...one,
      messages:
        one.name === "stageA"
          ? { C9: { title: "Still live", to: ["ops"], when: { every: "12h" }, soakSummary: false } }
          : {},
    }));
    const recurring = { ...ROLLOUT, stages: stages as unknown as typeof ROLLOUT.stages };
    const { messages } = await view(liveA(25), { rollout: recurring });
    expect(messages).toMatchObject({ value: [{ row: "C9", state: "due", due: ago(-11 * HOUR) }] });
    const later = await view(liveB(1), { rollout: recurring });
    expect(later.messages).toMatchObject({ value: [{ row: "C9", state: "cancelled" }] });
  });

  test("are unknown where it cannot be read what was told", async () => {
    const { messages, complete } = await view(liveA(25), { told: DENIED });
    expect(messages).toMatchObject({ known: false, why: DENIED.why });
    expect(complete).toBe(false);
  });
});

describe("a rollout that was never started", () => {
  test("says so in one sentence, with what to do", async () => {
    const { attention, complete, flags: live } = await view(undefined);
    expect(complete).toBe(true);
    expect(live).toEqual({ known: true, value: null });
    expect(attention).toEqual([
      {
        where: "ops-view",
        what: "was never started in eu-central-1: AppConfig knows no flags of it",
        remedy:
          "Bring its first stage up: pulumi up -s baseline. If it runs elsewhere, set AWS_REGION and the credentials",
      },
    ]);
  });
});

test("a view of one stage holds its own rows alone, and what has to be looked at everywhere", async () => {
  const whole = await view(abortedB(), { alarms: is(BOTH) });
  const found = schema.parse(focusOn(whole, "stageB"));
  expect(found.stages.map(({ name }) => name)).toEqual(["stageB"]);
  expect(found.alarms.known && found.alarms.value.map(({ row }) => row)).toEqual(["XB1"]);
  expect(found.attention).toEqual(whole.attention);
  expect(focusOn(whole, "stageA").gates).toBeUndefined();
});
