import { changes, type FlagSpecs, requiredFlag, requiredRank } from "../../flags/flags";
import {
  alike,
  another,
  atLeast,
  brief,
  type Change,
  compareFields,
  demanded,
  type Fields,
  moreOf,
  neutral,
  type Order,
} from "../../gates/strength";
import { type Definitions, SECTIONS, type Section, type StageDefinitions } from "./definitions";
import { COMPARE } from "./rows";

/** One difference between two definitions of a rollout, as a sentence without a full stop. */
export interface Difference {
  /** A row's id; else what it is about, such as `stageA.soak`. What `weakened:` names it by. */
  readonly key: string;
  readonly says: string;
  readonly strength: Change["strength"];
}

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
    ...stages(was, now),
    ...flags(was, now),
    ...topics(was, now),
    ...parameters(was, now),
    ...rest(was, now),
    ...section(was.rollback, now.rollback, "rollback", "every stage", () => false),
  ];
}

function told(key: string, subject: string, list: readonly Change[]): Difference[] {
  return list.map(({ strength, words }) => ({ key, says: `${subject} ${words}`, strength }));
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
    ...told(
      `${name}.soak`,
      `the soak of ${name}`,
      compareOne(before.rest, after.rest, "soak", atLeast("is")),
    ),
    ...told(
      `${name}.snapshot`,
      name,
      compareOne(before.rest, after.rest, "snapshot", demanded("no longer takes a snapshot", "snapshot")),
    ),
    ...others(name, name, before.rest, after.rest, ["soak", "snapshot"]),
    ...SECTIONS.flatMap((part) =>
      section(before.rows[part], after.rows[part], part, name, (row) => elsewhere(row, part)),
    ),
  ];
}

function compareOne(was: Fields, now: Fields, field: string, order: Order): Change[] {
  return compareFields({ [field]: was[field] }, { [field]: now[field] }, { [field]: order });
}

/** What stands before a stage may grow, and keeps its order. */
function order({ was, now }: Both, before: StageDefinitions, after: StageDefinitions): Difference[] {
  const earlier = lineTo(was.stages, before).flatMap((name) => successor(now.stages, name)?.name ?? []);
  const line = lineTo(now.stages, after);
  const kept = line.filter((name) => earlier.includes(name));
  if (alike(kept, earlier)) return [];
  const follows = `follows ${after.predecessor ?? "nothing"}, was ${before.predecessor ?? "nothing"}`;
  return [{ key: `${after.name}.predecessor`, says: `${after.name} ${follows}`, strength: "incomparable" }];
}

/** The stages before one, the first of them first. */
function lineTo(all: readonly StageDefinitions[], { predecessor }: StageDefinitions): string[] {
  const line: string[] = [];
  for (let name = predecessor; name !== undefined && !line.includes(name); ) {
    line.unshift(name);
    const at = name;
    name = all.find((one) => one.name === at)?.predecessor;
  }
  return line;
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

function flags(was: Definitions, now: Definitions): Difference[] {
  return Object.entries(was.flags).flatMap(([flag, before]): Difference[] => {
    const key = `flags.${flag}`;
    const after = Object.hasOwn(now.flags, flag) ? now.flags[flag] : undefined;
    if (!after) return [{ key, says: `the flag ${flag} is gone`, strength: "weaker" }];
    return told(
      key,
      flag,
      compareFields(before, after, {
        title: neutral,
        writes: (writes) =>
          writes === true
            ? { strength: "weaker", words: "no longer says that it lets data be written" }
            : { strength: "stronger", words: "says that it lets data be written" },
        requires,
      }),
    );
  });
}

type Requires = readonly Parameters<typeof requiredFlag>[0][];

const requires: Order = (was = [], now = []) => {
  const ranks = (list: unknown) =>
    new Map((list as Requires).map((one) => [requiredFlag(one), requiredRank(one)]));
  const [before, after] = [ranks(was), ranks(now)];
  const eased = [...before].filter(([flag, rank]) => (after.get(flag) ?? 0) < rank);
  const more = [...after].filter(([flag, rank]) => (before.get(flag) ?? 0) < rank);
  if (eased.length === 0)
    return more.length === 0 ? undefined : { strength: "stronger", words: "requires more" };
  const words = eased
    .map(([flag, rank]) =>
      after.has(flag)
        ? `requires ${flag} ${after.get(flag)} points on, was ${rank}`
        : `no longer requires ${flag}`,
    )
    .join("; ");
  return { strength: more.length === 0 ? "weaker" : "incomparable", words };
};

const reach = moreOf((lost, left) => {
  const who = lost.map((one) => one.split(" ")[0]).join(", ");
  return left === 0 ? `reaches nobody, and reached ${who}` : `no longer reaches a subscriber (${who})`;
});

function topics(was: Definitions, now: Definitions): Difference[] {
  return Object.keys(was.topics).flatMap((topic) =>
    told(`topics.${topic}`, `the topic ${topic}`, compareOne(was.topics, now.topics, topic, reach)),
  );
}

function parameters(was: Definitions, now: Definitions): Difference[] {
  return Object.keys(was.parameters).flatMap((name) =>
    told(
      `parameters.${name}`,
      `the parameter ${name}`,
      compareOne(was.parameters, now.parameters, name, (before, after) => ({
        strength: "incomparable",
        words: `is ${brief(after)}, was ${brief(before)}`,
      })),
    ),
  );
}

const TLS = ["disable", "require", "verify-full"];

/** Parts of the rollout that are compared part by part. */
const PARTS: Readonly<Record<string, Readonly<Record<string, Order>>>> = {
  servers: {
    urls: moreOf((lost) => `no longer list ${lost.join(", ")}`),
    ecs: moreOf((lost) => `no longer list ${lost.length} of the services as they were`),
    drillAt: neutral,
  },
  database: {
    reads: neutral,
    vpc: neutral,
    ssl: (was, now) => ({
      strength: TLS.indexOf(String(now)) > TLS.indexOf(String(was)) ? "stronger" : "weaker",
      words: `is reached with ssl ${brief(now)}, was ${brief(was)}`,
    }),
  },
};

/** Parts of the rollout that are compared as a whole. */
const WHOLE: Readonly<Record<string, Order>> = {
  afterAbort: (was, now, pair) => demanded("no longer says what follows an abort", "it")(was, now, pair),
  // None that is kept leaves what the account has left; none at all lets no abort run.
  reservedConcurrency: (was, now) => {
    const [before, after] = [was, now].map((one) => (one === 0 ? -2 : Number(one))) as [number, number];
    const words = `keeps room for ${now === -1 ? "no" : brief(now)} aborts at once, was ${brief(was)}`;
    return { strength: after > before ? "stronger" : "weaker", words };
  },
};

function rest({ rest: was }: Definitions, { rest: now }: Definitions): Difference[] {
  const parts = Object.entries(PARTS).flatMap(([part, orders]) => {
    const [before, after] = [was[part], now[part]] as (Fields | undefined)[];
    if (!before || !after) return told(part, "the rollout", compareOne(was, now, part, another(part)));
    return told(
      part,
      part === "servers" ? "the servers" : "the database",
      compareFields(before, after, orders),
    );
  });
  const left = others("rollout", "the rollout", was, now, [...Object.keys(PARTS), ...Object.keys(WHOLE)]);
  const whole = Object.entries(WHOLE).flatMap(([part, order]) =>
    told(part, "the rollout", compareOne(was, now, part, order)),
  );
  return [...parts, ...whole, ...left];
}

/** What has no order of its own: any change of it may be an easing. */
function others(
  where: string,
  subject: string,
  was: Fields,
  now: Fields,
  compared: readonly string[],
): Difference[] {
  const names = [...new Set([...Object.keys(was), ...Object.keys(now)])];
  return names
    .filter((name) => !compared.includes(name))
    .flatMap((name) =>
      told(
        where === "rollout" ? name : `${where}.${name}`,
        subject,
        compareOne(was, now, name, another(`\`${name}\``)),
      ),
    );
}
