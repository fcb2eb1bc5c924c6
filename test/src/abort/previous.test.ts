import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { isAbove } from "../../../src/abort/decide";
import { type Move, phaseBelow, previousPhase, type Rang } from "../../../src/abort/previous";
import { handleEvent } from "../../../src/abort/switch";
import type { AbortConfig } from "../../../src/abort/switchConfig";
import { codeDigest } from "../../../src/flags/acknowledged";
import { documentSchema } from "../../../src/flags/document";
import { type FlagSpecs, type Flags, rank } from "../../../src/flags/flags";
import { MemoryStore } from "./memory";
import { eventOf, message, config as ofStageB, World } from "./switchWorld";

const boolean = { kind: "boolean", off: false, requires: [], writes: false } as const;
const SPECS: FlagSpecs = { A: boolean, B: boolean, C: boolean };
/** What is up, by the letters of the flags. */
const up = (letters: string): Flags =>
  Object.fromEntries(Object.keys(SPECS).map((flag) => [flag, letters.includes(flag)]));
const STAGES = { baseline: "", a: "A", b: "AB", c: "ABC" };
type StageName = keyof typeof STAGES;

const MINUTE = 60_000;
const promote = (stage: string, minute: number, letters = STAGES[stage as StageName]): Move => ({
  ...{ kind: "promote", stage, startedAt: minute * MINUTE },
  flags: letters === undefined ? undefined : up(letters),
});
const move = (kind: Move["kind"], stage: string, letters: string, minute: number, byHand = false): Move => ({
  ...{ kind, stage, byHand, startedAt: minute * MINUTE, flags: up(letters) },
});
const at = (minute: number, more: Partial<Rang> = {}): Rang => ({
  ...{ at: minute * MINUTE, span: 2 * MINUTE },
  ...more,
});
const UP = [promote("baseline", 0), promote("a", 10), promote("b", 20), promote("c", 30)];
const newest = (...moves: Move[]) => moves.toReversed();

describe("one phase below what was live", () => {
  test.each<[string, Move[], Rang, string]>([
    ["is the stage before", UP, at(40), "c → b: AB"],
    ["of the second stage, is all off", UP.slice(0, 2), at(40), "a → baseline: "],
    ["of a stage that was promoted seconds before, is below that one", UP, at(30.1), "c → b: AB"],
    ["knows nothing of what was promoted since", [...UP.slice(0, 3), promote("c", 50)], at(40), "b → a: A"],
    ["is below what an abort left", [...UP, move("abort", "c", "AB", 35)], at(40), "b → a: A"],
    ["is the same for a row of the same cause", [...UP, move("abort", "c", "AB", 39)], at(40), "c → b: AB"],
    ["is the same when it is asked for again", [...UP, move("abort", "c", "AB", 41)], at(40), "c → b: AB"],
    [
      "of a stage that went up anew, is what was live before it",
      [...UP, move("abort", "a", "", 35), promote("a", 36), promote("b", 37)],
      at(40),
      "b → a: A",
    ],
    [
      "after all of it went off, is all off",
      [...UP, move("abort", "a", "", 35), promote("a", 36)],
      at(40),
      "a → baseline: ",
    ],
    ["is no earlier attempt", [...UP, promote("c", 35, "ABC")], at(40), "c → b: AB"],
    [
      "is no earlier attempt with less",
      [...UP.slice(0, 3), promote("c", 30, "AB"), promote("c", 35)],
      at(40),
      "c → b: AB",
    ],
    [
      "of what went up again below a contract that came down, is no contract",
      [
        ...[promote("baseline", 0), promote("a", 10), promote("b", 20)],
        { ...promote("only", 30, "B"), contracts: ["A"] },
        ...[move("abort", "only", "B", 35), promote("b", 37)],
      ],
      at(40),
      "b → a: A",
    ],
    [
      "of what an abort of a contract left, is below the stage before it",
      [
        ...[promote("baseline", 0), promote("a", 10, "C"), promote("b", 20, "ABC")],
        { ...promote("only", 30, "BC"), contracts: ["A"] },
        move("abort", "only", "BC", 35),
      ],
      at(40),
      "b → a: C",
    ],
    [
      "of what only contracted, is below the lowest stage with the same of its flags, which comes down",
      [
        ...[promote("baseline", 0), promote("a", 10), promote("b", 20)],
        { ...promote("only", 30, "A"), contracts: ["B"] },
      ],
      at(40),
      "a → baseline: ",
    ],
    ["of what was lowered to, is below that", [...UP, move("lower", "b", "AB", 35)], at(40), "b → a: A"],
    [
      "of what a stranger raised, is the stage that they left",
      [...UP.slice(0, 3), { ...promote("", 35, "ABC"), kind: "foreign", stage: undefined }],
      at(40),
      "b → b: AB",
    ],
    [
      "goes on after a row by hand",
      [...UP, move("abort", "c", "AB", 39)],
      at(40, { byHand: true }),
      "b → a: A",
    ],
    [
      "is the same for a command that is typed again",
      [...UP, move("abort", "c", "AB", 39, true)],
      at(40, { byHand: true }),
      "c → b: AB",
    ],
    ["by hand is one of now, whatever the clock says", UP, at(5, { byHand: true }), "c → b: AB"],
    [
      "never has more of a flag that a stage took down",
      [promote("baseline", 0), promote("a", 10, "A"), promote("b", 20, "B"), promote("c", 30, "BC")],
      at(25),
      "b → a: ",
    ],
    [
      "of what has some flags alone, leaves less of them",
      [...UP, move("abort", "a", "BC", 35)],
      at(40),
      "c → b: B",
    ],
    [
      "is below the stage that an abort left without what another contracted",
      [
        ...[promote("baseline", 0), promote("a", 10), promote("b", 20, "AB")],
        ...[{ ...promote("c", 30, "BC"), contracts: ["A"] }, move("abort", "c", "B", 35)],
      ],
      at(40),
      "b → a: ",
    ],
    [
      "after all of it went off is the first stage, whatever was contracted",
      [
        ...[promote("baseline", 0), promote("a", 10), promote("b", 20, "AB")],
        ...[{ ...promote("c", 30, "BC"), contracts: ["A"] }, move("abort", "all", "", 35), promote("a", 36)],
      ],
      at(40),
      "a → baseline: ",
    ],
  ])("%s", (_, moves, rang, expected) => {
    const found = phaseBelow(SPECS, newest(...moves), rang);
    const { stage, to, floor } =
      typeof found === "object" ? found : { stage: found, to: "", floor: {} as Flags };
    const letters = Object.keys(SPECS).filter((flag) => floor[flag] === true);
    expect(`${stage} → ${to}: ${letters.join("")}`).toBe(expected);
  });

  test.each<[string, Move[], Rang]>([
    ["nothing was ever promoted", [], at(40)],
    ["the ledger reaches back no further", [promote("c", 30)], at(40)],
    ["all is off", [promote("baseline", 0)], at(40)],
    ["everything came since", UP, at(-1)],
  ])("more is asked for where %s", (_, moves, rang) => {
    expect(phaseBelow(SPECS, newest(...moves), rang)).toBe("more");
  });

  test("is not told where the live document cannot be read", () => {
    const lost = { ...promote("c", 30), flags: undefined };
    expect(phaseBelow(SPECS, newest(...UP.slice(0, 3), lost), at(40))).toBeUndefined();
  });
});

const ROLLOUT = "ops-view";
/** The row of the first stage, `XA1`, that goes down by one phase, and another that does, too. */
const rowOf = (row: string) => ({
  ...{ row, title: "Requests fail", action: "rollback" as const, limit: "Errors > 0" },
  ...{ floor: up(""), previous: { spanMs: 2 * MINUTE, floor: up("") } },
});
const config: AbortConfig = {
  ...ofStageB,
  ...{ stage: "a", attempt: 1, specs: SPECS, floor: up("") },
  alarms: { "ops-view-a-XA1": rowOf("XA1"), "ops-view-a-XA2": rowOf("XA2") },
};

/** A world in which stages are promoted, and alarms ring, at minutes. */
class Phases extends World {
  up(stage: string, minute: number, attempt = 1): void {
    this.store.startedAt = new Date(minute * MINUTE).toISOString();
    const note = { cutover: 1, rollout: ROLLOUT, kind: "promote", stage, attempt } as const;
    this.store.promote(up(STAGES[stage as StageName]), { note });
  }

  /** What the switch does when the alarm that rang then is delivered at a minute. */
  async ring(row: string, rang: number, delivered = rang): Promise<void> {
    this.store.startedAt = new Date(delivered * MINUTE + 1_000).toISOString();
    const AlarmName = `ops-view-a-${row}`;
    const AlarmArn = message().AlarmArn.replace("ops-view-stageB-XB1", AlarmName);
    const StateChangeTime = new Date(rang * MINUTE).toISOString();
    await handleEvent(eventOf(message({ AlarmName, AlarmArn, StateChangeTime })), config, this);
    this.store.settle();
  }

  get live(): string {
    const flags = JSON.parse(this.store.live ?? "{}") as Flags;
    return Object.keys(SPECS)
      .filter((flag) => flags[flag] === true)
      .join("");
  }

  get notes(): string[] {
    return this.store.deployments.flatMap(({ note }) =>
      note && note.kind !== "promote" ? [`${note.kind} ${note.stage} ${note.attempt} ${note.row}`] : [],
    );
  }
}

const third = () => {
  const world = new Phases();
  for (const [index, stage] of ["baseline", "a", "b", "c"].entries()) world.up(stage, index * 10);
  return world;
};

describe("a row of the first stage that rings in the third", () => {
  test("takes down the third, says so, and stops its attempt", async () => {
    const world = third();
    await world.ring("XA1", 40);
    expect(world.live).toBe("AB");
    expect(world.notes).toEqual(["abort c 1 XA1"]);
    const [page] = world.to("on-call");
    expect(page?.text).toMatch(/^Step: +one phase down: from c to b$/m);
    expect(page?.text).toContain("set attempt to 2 in Pulumi.c.yaml");
    expect(page?.text).toMatch(/^Stage: +a, attempt 1$/m);
    const code = /\S+$/.exec(page?.text ?? "")?.[0] ?? "";
    const { note } = await world.store.entry(5);
    expect(note?.digest).toBe(codeDigest({ rollout: ROLLOUT, stage: "c" }, code));
    expect(world.to("ops")[0]?.text).toContain("c was rolled back (XA1)");
  });

  test("delivered again, however late, does nothing more", async () => {
    const world = third();
    for (const delivered of [40, 40.1, 45, 300]) await world.ring("XA1", 40, delivered);
    expect(world.live).toBe("AB");
    expect(world.notes.filter((note) => note.startsWith("abort"))).toHaveLength(1);
  });

  test("after a crash between the deployment and the page, is told of and does nothing more", async () => {
    const world = third();
    world.failing.publish = "on-call";
    await expect(world.ring("XA1", 40)).rejects.toThrow("could not be told");
    world.failing = {};
    await world.ring("XA1", 40, 41);
    expect(world.live).toBe("AB");
    expect(world.to("on-call").at(-1)?.text).toContain("one phase down: from c to b");
  });

  test("beside another one, at once or seconds later, takes down one phase", async () => {
    const at_once = third();
    await Promise.all([at_once.ring("XA1", 40), at_once.ring("XA2", 40)]);
    expect(at_once.live).toBe("AB");
    const later = third();
    await later.ring("XA1", 40);
    await later.ring("XA2", 41);
    expect(later.live).toBe("AB");
    expect(later.to("on-call").at(-1)?.subject).toContain("flags are down already");
  });

  test("that rings anew once the second is live by itself takes that down, too", async () => {
    const world = third();
    await world.ring("XA1", 40);
    await world.ring("XA1", 60);
    expect(world.live).toBe("A");
    expect(world.notes).toEqual(["abort c 1 XA1", "abort b 1 XA1"]);
    await world.ring("XA1", 80);
    expect(world.live).toBe("");
  });

  test("goes below this row's stage where the ledger cannot be read, or does not tell", async () => {
    const world = third();
    world.store.document = async () => undefined;
    await world.ring("XA1", 40);
    expect(world.live).toBe("");
    expect(world.to("on-call")[0]?.text).toContain("the ledger does not tell what was live");
  });

  test("goes by the store's own list: a flag that came with a later stage goes down with it", async () => {
    const store = new MemoryStore({ schema: documentSchema(SPECS) });
    const promoted = (stage: string, flags: Flags) =>
      store.promote(flags, {
        note: { cutover: 1, rollout: ROLLOUT, kind: "promote", stage, attempt: 1 },
      });
    for (const [stage, letters] of Object.entries(STAGES)) promoted(stage, up(letters));
    const { C: _, ...known } = SPECS;
    const rang = { at: Date.now(), span: MINUTE };
    const found = await previousPhase(store, { rollout: ROLLOUT, specs: known, rang });
    expect(found).toMatchObject({ stage: "c", to: "b", floor: up("AB"), specs: SPECS });
  });

  test("waits for no ledger that hangs", async () => {
    const { store } = third();
    store.read = () => new Promise(() => undefined);
    const rang = { at: Date.now(), span: MINUTE };
    expect(await previousPhase(store, { rollout: ROLLOUT, specs: SPECS, rang }, 1)).toBeUndefined();
  });
});

const event = fc.oneof(
  fc.record({ do: fc.constant("next" as const) }),
  fc.record({
    do: fc.constant("ring" as const),
    rows: fc.array(fc.constantFrom("XA1", "XA2"), { minLength: 1, maxLength: 3 }),
    late: fc.nat(3),
  }),
  fc.record({ do: fc.constant("again" as const), nth: fc.nat(5) }),
);

test("whatever the order of promotions, alarms and messages, no flag goes up by an alarm, and none stays above one phase down", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(event, { maxLength: 10 }), async (events) => {
      const world = new Phases();
      const order = Object.keys(STAGES);
      world.up("baseline", 0);
      const rung: { row: string; minute: number }[] = [];
      const attempts: Record<string, number> = {};
      let minute = 0;
      const lettersNow = () => world.live;
      for (const one of events) {
        // More than the span lies between what happens: each alarm tells of what is live then.
        minute += 10;
        const before = lettersNow();
        const phase = order.findIndex((name) => STAGES[name as StageName] === before);
        if (one.do === "next") {
          const stage = order[phase + 1];
          if (stage === undefined) continue;
          attempts[stage] = (attempts[stage] ?? 0) + 1;
          world.up(stage, minute, attempts[stage]);
          continue;
        }
        if (one.do === "ring") {
          await Promise.all(one.rows.map((row) => world.ring(row, minute, minute + one.late)));
          rung.push(...one.rows.map((row) => ({ row, minute })));
          const below = up(STAGES[order[Math.max(0, phase - 1)] as StageName]);
          expect(isAbove(SPECS, up(lettersNow()), below)).toBe(false);
          // One cause is one phase.
          expect(lettersNow()).toBe(STAGES[order[Math.max(0, phase - 1)] as StageName]);
          minute += one.late;
        } else {
          const known = rung[one.nth % Math.max(1, rung.length)];
          if (known) await world.ring(known.row, known.minute, minute);
        }
        for (const [flag, spec] of Object.entries(SPECS))
          expect(rank(spec, up(lettersNow())[flag] ?? false)).toBeLessThanOrEqual(
            rank(spec, up(before)[flag] ?? false),
          );
      }
    }),
    { numRuns: 60 },
  );
});
