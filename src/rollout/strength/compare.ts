import { changes, type FlagSpecs } from "../../flags/flags";
import { alike, atLeast, brief, demanded, type Fields, type Order } from "../../gates/strength";
import { stagesUpTo } from "../rollout";
import { type Definitions, SECTIONS, type Section, type StageDefinitions } from "./definitions";
import { both, compareOne, type Difference, others, told } from "./difference";
import { lackOf } from "./inserted";
import { COMPARE } from "./ofRows";
import { sharedDifferences } from "./settings";

/** Every difference that eases something, or of which it cannot be said that it does not. */
export function weakenings(was: Definitions, now: Definitions): Difference[] {
  const seen = new Set<string>();
  return differences(was, now).filter(({ key, says, strength }) => {
    // A gate that stages share is eased once.
    const id = `${key}\n${says}`;
    if (strength === "stronger" || seen.has(id)) return false;
    seen.add(id);
    return true;
  });
}

/** Every difference that has a bearing on strength. */
export function differences(was: Definitions, now: Definitions): Difference[] {
  return [
    ...name(was, now),
    ...stages(was, now),
    ...sharedDifferences(was, now),
    ...section(was.rollback, now.rollback, "rollback", "every stage", () => false),
  ];
}

/** The name decides whose flags, ledger and alarms these are. There is no `formerly:` for it. */
function name({ rollout: was }: Definitions, { rollout: now }: Definitions): Difference[] {
  if (was === now) return [];
  const says = `the rollout is called ${now}, was ${was}: another rollout, with flags and alarms of its own`;
  return [{ key: "rollout.name", says, strength: "incomparable" }];
}

function stages(was: Definitions, now: Definitions): Difference[] {
  const gone = was.stages.flatMap((before): Difference[] => {
    const after = successor(now.stages, before.name);
    if (!after)
      return [
        { key: before.name, says: `the stage ${before.name} is gone, with all its rows`, strength: "weaker" },
      ];
    return stage({ was, now }, before, after);
  });
  const known = was.stages.map(({ name }) => successor(now.stages, name)?.name);
  const fresh = now.stages.filter(({ name }) => !known.includes(name));
  return [
    ...gone,
    ...fresh.map(({ name }): Difference => ({ key: name, says: `${name} is new`, strength: "stronger" })),
  ];
}

/** The stage of that name today, by its own name first. */
function successor(all: readonly StageDefinitions[], name: string): StageDefinitions | undefined {
  return all.find((one) => one.name === name) ?? all.find(({ formerly }) => formerly.includes(name));
}

interface Both {
  readonly was: Definitions;
  readonly now: Definitions;
}

function stage(both: Both, before: StageDefinitions, after: StageDefinitions): Difference[] {
  const { name } = after;
  const specs = both.now.flags as unknown as FlagSpecs;
  const elsewhere = (row: string, own: Section) =>
    both.now.stages.some((one) =>
      SECTIONS.some((part) => (one !== after || part !== own) && Object.hasOwn(one.rows[part], row)),
    );
  const floor = changes(specs, before.floor, after.floor);
  return [
    ...order(both, before, after),
    ...told(
      `${name}.flags`,
      name,
      changes(specs, before.flags, after.flags).map(({ flag, from, to }) => ({
        strength: "incomparable" as const,
        words: `sets ${flag} to ${to}, was ${from}`,
      })),
    ),
    ...told(
      `${name}.abortTo`,
      `an abort of ${name}`,
      floor.map(({ flag, from, to, direction }) => ({
        strength: direction === "raise" ? ("weaker" as const) : ("stronger" as const),
        words: `goes down to ${flag} ${to}, was ${from}`,
      })),
    ),
    ...Object.entries(OF_STAGE).flatMap(([part, order]) =>
      told(
        `${name}.${part}`,
        part === "soak" ? `the soak of ${name}` : name,
        compareOne(before.rest, after.rest, part, order),
      ),
    ),
    ...others(name, name, before.rest, after.rest, Object.keys(OF_STAGE)),
    ...SECTIONS.flatMap((part) =>
      section(before.rows[part], after.rows[part], part, name, (row) => elsewhere(row, part)),
    ),
  ];
}

/** Aborts lead elsewhere than before, and only a person knows which way is the safe one. Its reason may be reworded. */
const irreversible: Order = (was, now) => {
  const [before, after] = both(was, now, (one) => (one as { floor?: unknown } | undefined)?.floor);
  if (alike(before, after)) return undefined;
  const floor = (value: unknown) => (typeof value === "string" ? value : brief(value));
  const words =
    after === undefined
      ? `is no longer irreversible: aborts go below ${floor(before)}`
      : before === undefined
        ? `is irreversible now: aborts go no lower than ${floor(after)}`
        : `has another floor below which nothing goes: ${floor(after)}, was ${floor(before)}`;
  return { strength: "incomparable", words };
};

/** Parts of a stage that have an order of their own, beside its flags and rows. */
const OF_STAGE: Readonly<Record<string, Order>> = {
  soak: atLeast("is"),
  snapshot: demanded("no longer takes a snapshot", "snapshot"),
  irreversible,
};

/** What stands before a stage keeps its order, and grows only by what asks for no less. */
function order({ was, now }: Both, before: StageDefinitions, after: StageDefinitions): Difference[] {
  const earlier = namesTo(was, before).flatMap((name) => successor(now.stages, name)?.name ?? []);
  const line = stagesUpTo(now, after).slice(0, -1);
  const kept = line.filter(({ name }) => earlier.includes(name)).map(({ name }) => name);
  const key = `${after.name}.predecessor`;
  const follows = `follows ${after.predecessor ?? "nothing"}, was ${before.predecessor ?? "nothing"}`;
  if (!alike(kept, earlier)) return [{ key, says: `${after.name} ${follows}`, strength: "incomparable" }];
  const lack = lackOf(
    { was, now },
    before,
    line.slice(line.findIndex(({ name }) => name === kept.at(-1)) + 1),
  );
  return lack === undefined
    ? []
    : [{ key, says: `${after.name} ${follows}, and ${lack}`, strength: "weaker" }];
}

/** The names of the stages before one, the first of them first. */
function namesTo(all: Definitions, stage: StageDefinitions): string[] {
  return stagesUpTo(all, stage)
    .slice(0, -1)
    .map(({ name }) => name);
}

type Rows = Readonly<Record<string, Fields>>;

function section(
  was: Rows,
  now: Rows,
  part: Section,
  where: string,
  elsewhere: (row: string) => boolean,
): Difference[] {
  const taken = new Set<string>();
  const list = Object.entries(was).flatMap(([row, before]): Difference[] => {
    const id = renamed(row, was, now, taken);
    if (id === undefined) {
      const from = elsewhere(row) ? ` from ${part} of ${where}` : "";
      return [{ key: row, says: `${row} is gone${from}`, strength: "weaker" }];
    }
    taken.add(id);
    return told(id, id, COMPARE[part](before, now[id] ?? {}));
  });
  const fresh = Object.keys(now).filter((row) => !Object.hasOwn(was, row) && !taken.has(row));
  return [
    ...list,
    ...fresh.map((row): Difference => ({ key: row, says: `${row} is new`, strength: "stronger" })),
  ];
}

/** What a row is called today. A row that was there before, or stands for another one already, is no successor. */
function renamed(row: string, was: Rows, now: Rows, taken: ReadonlySet<string>): string | undefined {
  if (Object.hasOwn(now, row)) return row;
  return Object.entries(now).find(
    ([id, { formerly }]) =>
      Array.isArray(formerly) && formerly.includes(row) && !Object.hasOwn(was, id) && !taken.has(id),
  )?.[0];
}
