import { describe, expect, it } from "vitest";
import type { Ledger, LedgerEntry, Note } from "../../../src/flags/ledger";
import type { SourceSaid } from "../../../src/gates/flagSource";
import { flagsInCode, isGone, type RetireStands, refusals } from "../../../src/rollout/retire";
import { showProblem } from "../../../src/text/problem";

const boolean = { kind: "boolean", off: false, requires: [], writes: false } as const;
const rollout = {
  name: "ops-view",
  stages: [{ name: "baseline" }, { name: "stageA", formerly: ["first"] }, { name: "stageB" }],
  flags: {
    READ: { ...boolean, title: "Reads" },
    PERCENT: { ...boolean, kind: "percentage", off: 0 } as const,
    V1: { ...boolean, off: true },
  },
};
const OFF = { READ: false, PERCENT: 0, V1: true };
const ON = { READ: true, PERCENT: 100, V1: false };

const entry = (deployment: number, kind: Note["kind"], state: LedgerEntry["state"] = "complete") => ({
  deployment,
  state,
  configurationVersion: "1",
  note: { cutover: 1, rollout: "ops-view", kind, stage: "all", attempt: 1 } as Note,
});

function ledger(flags: typeof OFF | typeof ON | undefined, ...history: LedgerEntry[]): Ledger {
  const live = flags && {
    ...entry(1, "promote"),
    completedAt: "2026-11-01T00:00:00.000Z",
    flags,
    undeclared: [],
    doors: {},
  };
  return { live, history, newest: history[0]?.deployment ?? 0 };
}

/** Holds a key that nobody declares. */
const withOther = (flags: typeof OFF | typeof ON): Ledger => {
  const found = ledger(flags, entry(1, "abort"));
  return { ...found, live: found.live && { ...found.live, undeclared: ["OLD", "ELSE"] } };
};

const strange = (stage: string): LedgerEntry => {
  const { note, ...rest } = entry(1, "promote");
  return { ...rest, note: { ...note, stage } };
};
const stranger: LedgerEntry = { deployment: 3, state: "complete", configurationVersion: "2" };

/** Finished, and this came after it. */
function since(later: LedgerEntry, live = "2"): Ledger {
  const found = ledger(ON, later, entry(2, "finish"), entry(1, "promote"));
  return { ...found, live: found.live && { ...found.live, configurationVersion: live } };
}

const finished = ledger(ON, entry(2, "finish"), entry(1, "promote"));
const done: SourceSaid = { server: "ops-1", kind: "done", says: 'says "code"' };

const ready: RetireStands = {
  foundation: { stack: "baseline", holds: 12, application: { id: "app", protected: true } },
  stages: [
    { stack: "stageA", holds: 0 },
    { stack: "stageB", holds: 0 },
  ],
  store: { kind: "whole", application: "app", ledger: finished },
  servers: { kind: "asked", said: [done] },
};

const told = (stands: Partial<RetireStands>) =>
  refusals({ ...ready, ...stands }, rollout, { rollout: "ops-view" }).map(showProblem);

describe("a rollout is over", () => {
  it.each<[string, Ledger, boolean]>([
    ["where it is finished", finished, true],
    ["where every flag is off, whatever off is", ledger(OFF, entry(1, "abort")), true],
    ["where nothing was ever raised", ledger(OFF, entry(1, "promote")), true],
    ["not where a flag is on", ledger(ON, entry(1, "promote")), false],
    ["not where a finish was ended by an abort", ledger(ON, entry(3, "stop"), entry(2, "finish")), false],
    ["not where a flag is unknown", ledger({ ...OFF, READ: undefined } as never, entry(1, "abort")), false],
    ["not where nothing is live", ledger(undefined), false],
    [
      "where it is finished, and somebody was paged since",
      ledger(ON, entry(3, "page"), entry(2, "finish")),
      true,
    ],
    ["where the same was deployed once more since", since({ ...stranger, carries: true }), true],
    ["where what came since was taken back", since({ ...stranger, state: "rolled-back" }), true],
    ["where what was finished was put back", since(stranger, "1"), true],
    ["not where a stranger's deployment came since", since(stranger), false],
    [
      "not where another rollout's did",
      since({ ...stranger, note: { ...entry(3, "page").note, rollout: "other" } }),
      false,
    ],
  ])("%s", (_, found, expected) => {
    expect(told({ store: { ...ready.store, ledger: found } as never }).length === 0).toBe(expected);
  });
});

describe("a retirement", () => {
  it.each<[string, Partial<RetireStands>]>([
    ["of a finished rollout", {}],
    ["of one that was given up", { store: { ...ready.store, ledger: ledger(OFF) } as never }],
    ["of one whose environment is gone", { store: { kind: "part", application: "app" } }],
    [
      "of one that was unprotected, and whose application is gone",
      {
        store: { kind: "gone" },
        foundation: { stack: "baseline", holds: 2, application: { id: "app", protected: false } },
      },
    ],
    ["of what is left of a stack", { store: { kind: "gone" }, foundation: { stack: "baseline", holds: 2 } }],
    ["with a person's word", { servers: { kind: "undeclared", statement: "all 40 hosts" } }],
  ])("goes through: %s", (_, stands) => {
    expect(told(stands)).toEqual([]);
  });

  it.each<[string, Partial<RetireStands>, RegExp]>([
    [
      "that is not finished",
      { store: { ...ready.store, ledger: ledger(ON, entry(1, "promote")) } as never },
      /^rollout: it is not finished.*run cutover -- finish .*run cutover -- abort .*--all/,
    ],
    [
      "that is given up, with what nobody declares in the document",
      { store: { ...ready.store, ledger: withOther(OFF) } as never },
      /^flags: .*does not declare: OLD, ELSE\. Declare it/,
    ],
    [
      "that is finished, with other flags live than that",
      { store: { ...ready.store, ledger: since(stranger) } as never },
      /^ledger: deployment 3 came after the finish \(deployment 2\).*deploy version 1,.*abort .*--all --reopen/,
    ],
    [
      "with a stage in its ledger that no file has",
      { store: { ...ready.store, ledger: ledger(OFF, strange("removed"), strange("first")) } as never },
      /^ledger: knows a stage removed, .*pulumi up -s removed; .*pulumi destroy -s removed\..*formerly: \[removed\]/,
    ],
    [
      "with a deployment under way",
      {
        store: {
          ...ready.store,
          ledger: ledger(ON, entry(3, "page", "under-way"), entry(2, "finish")),
        } as never,
      },
      /^ledger: deployment 3 is under way/,
    ],
    [
      "whose ledger is unreadable",
      { store: { kind: "unread", application: "app", why: "no" } },
      /^ledger: .*: no/,
    ],
    [
      "with a stage that holds something",
      { stages: [{ stack: "stageA", holds: 1 }] },
      /^stack stageA: still holds 1 resource\..*pulumi up -s stageA; .*pulumi destroy -s stageA$/,
    ],
    [
      "with a stage that is not known",
      { stages: [{ stack: "stageA", unread: "locked" }] },
      /^stack stageA: .*locked/,
    ],
    [
      "with a foundation that is not known",
      { foundation: { stack: "baseline", unread: "no" } },
      /^stack baseline: .*no/,
    ],
    [
      "of another backend",
      { foundation: { stack: "baseline", holds: 0 } },
      /^stack baseline: holds no AppConfig application, and there is app/,
    ],
    [
      "of another account",
      { store: { kind: "part", application: "other" } },
      /^stack baseline: holds the AppConfig application app, and the rollout's is other/,
    ],
    [
      "whose application is not where it is looked for",
      { store: { kind: "gone" } },
      /protected, and none of the/,
    ],
    [
      "with a server on AppConfig",
      {
        servers: {
          kind: "asked",
          said: [done, { server: "ops-2", kind: "appconfig", says: 'says "appconfig"' }],
        },
      },
      /^server ops-2: says "appconfig" as the source of its flags\. Deploy it/,
    ],
    [
      "with a server that does not answer",
      {
        servers: {
          kind: "asked",
          said: [{ server: "ops-2", kind: "unknown", says: "could not be asked: x" }],
        },
      },
      /^server ops-2: could not be asked: x/,
    ],
    [
      "whose servers cannot be listed",
      { servers: { kind: "unlisted", why: "denied" } },
      /^servers: .*denied/,
    ],
    [
      "without servers and without a word",
      { servers: { kind: "undeclared" } },
      /^servers: .*--servers-done "…"/,
    ],
  ])("is refused: %s", (_, stands, expected) => {
    const problems = told(stands);
    expect(problems).toHaveLength(1);
    expect(problems[0]).toMatch(expected);
  });

  it("is refused with every reason at once", () => {
    expect(
      told({
        store: { ...ready.store, ledger: ledger(ON) } as never,
        stages: [
          { stack: "stageA", holds: 3 },
          { stack: "stageB", unread: "locked" },
        ],
        servers: { kind: "unlisted", why: "denied" },
      }),
    ).toHaveLength(4);
  });

  it.each<[string, Partial<RetireStands>, boolean]>([
    ["holds what it held", {}, false],
    ["is gone", { store: { kind: "gone" }, foundation: { stack: "baseline", holds: 0 } }, true],
    [
      "is gone but for a stage",
      {
        store: { kind: "gone" },
        foundation: { stack: "baseline", holds: 0 },
        stages: [{ stack: "a", holds: 1 }],
      },
      false,
    ],
    ["is not known", { store: { kind: "gone" }, foundation: { stack: "baseline", unread: "no" } }, false],
  ])("knows when nothing is left: %s", (_, stands, expected) => {
    expect(isGone({ ...ready, ...stands })).toBe(expected);
  });

  it.each<[string, RetireStands["servers"], boolean]>([
    ["every server has its flags elsewhere", { kind: "asked", said: [done] }, true],
    ["no server is declared", { kind: "undeclared" }, true],
    ["a server says AppConfig", { kind: "asked", said: [done, { ...done, kind: "appconfig" }] }, false],
    ["a server cannot be asked", { kind: "asked", said: [{ ...done, kind: "unknown" }] }, false],
    ["servers cannot be listed", { kind: "unlisted", why: "denied" }, false],
  ])("of what is not here asks servers whether this is the place: %s", (_, servers, expected) => {
    const nothing: RetireStands = {
      ...ready,
      foundation: { stack: "baseline", holds: 0 },
      store: { kind: "gone" },
      servers,
    };
    expect(isGone(nothing)).toBe(expected);
    expect(told(nothing)[0] ?? "").toMatch(
      servers.kind === "undeclared"
        ? /--servers-done/
        : expected
          ? /^$/
          : /the region, the account or the Pulumi backend/,
    );
  });

  it("says of each flag what it must be in code", () => {
    expect(flagsInCode(rollout.flags, ON)).toEqual([
      { flag: "READ", value: true, title: "Reads" },
      { flag: "PERCENT", value: 100, title: undefined },
      { flag: "V1", value: false, title: undefined },
    ]);
    expect(flagsInCode(rollout.flags, undefined).map(({ value }) => value)).toEqual([
      undefined,
      undefined,
      undefined,
    ]);
  });
});
