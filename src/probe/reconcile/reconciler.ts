import { randomBytes } from "node:crypto";
import type { Read, Reading, ReadingSource } from "../../gates/databaseReading";
import { Changes, READ_AT_ONCE } from "./changes";
import { type Counts, Differences } from "./differences";
import type { DifferenceKind, Pair } from "./pair";
import { slowSources } from "./plan";
import type { ReconcileSettings } from "./settings";
import { changesOf, columnsOf, digestOf, edgeOf, keysOf, listOf, newestOf, type Sources } from "./statements";
import { type Ask, BEGINNING, compared, listed, nextOf, type Walk } from "./walk";

/** What is known of two sources after a round. No value of theirs is in it. */
export interface Reconciled extends Counts {
  /** Rows that were the same at the last walk through everything; until the first one is over, so far. */
  readonly matched: number;
  /** 1 where a walk through everything has ended in this round. */
  readonly passes: number;
  /** Rows that were seen to have changed in this round, in either source. */
  readonly written: number;
  /** A few keys of each kind, for people. */
  readonly samples: Partial<Record<DifferenceKind, string[]>>;
  /** Sources whose keys no index leads through. */
  readonly slow: readonly string[];
}

/** Known differences that are looked at again in a round, at most. */
const LOOKED_AGAIN = 1_000;
const SAMPLES = 5;
/** A walk that was idle for longer does not make up for it. */
const MOST_SAVED_MS = 60_000;
/** How long the walks of one measurement may take of its time, together. */
export const WALKS_MS = 5_000;

/** A failure of what config says, as against what the database says. */
class Mismatch extends Error {}

/**
 * Compares two sources round by round. What it keeps between rounds stays in memory, and is bounded whatever the sources
 * hold: one place in the order of keys, the last changes, and the differences that are known. A process that begins
 * anew begins with a walk through everything.
 */
export class Reconciler {
  private readonly seed = randomBytes(8).readBigInt64BE().toString();
  private readonly differences: Differences;
  private readonly changes = { first: new Changes(), second: new Changes() };
  /** Keys that changed, until they have been looked at. */
  private toLook = new Set<string>();
  private sources: Sources | undefined;
  private slow: readonly string[] = [];
  private walk: Walk = BEGINNING;
  /** What the last whole walk found the same; undefined until there was one. */
  private whole: number | undefined;
  private allowance = 0;
  private refilled: number | undefined;

  constructor(private readonly settings: ReconcileSettings) {
    this.differences = new Differences(settings.lagMs);
  }

  /**
   * One round: what changed, what is known to differ, and as much of the walk as there is time and allowance for.
   *
   * @param deadline until when, as `performance.now()` has it
   * @param walkMs this one's part of the time for walks
   */
  async round(source: ReadingSource, deadline: number, walkMs = WALKS_MS): Promise<Read<Reconciled>> {
    const { first, second, timeoutMs, key, changed = "" } = this.settings;
    // A step that is begun by then is over before everything is cut off.
    const until = Math.min(deadline - timeoutMs, performance.now() + walkMs);
    const asked = [first.query, second.query, key, changed].join("\n");
    try {
      return await source.reading({ timeoutMs, deadline }, asked, (reading) => this.read(reading, until));
    } catch (error) {
      if (error instanceof Mismatch) return { failure: `bad-answer: ${error.message}` };
      throw error;
    }
  }

  private async read(reading: Reading, until: number): Promise<Reconciled> {
    const at = await nowOf(reading);
    const sources = await this.prepared(reading);
    const written = await this.readChanges(reading, sources, at);
    // Those that are known last: what has just changed is as it was looked at already.
    await this.look(reading, sources, this.differences.due(LOOKED_AGAIN), at);
    const passes = await this.walkOn(reading, sources, at, until);
    return {
      ...this.differences.counts(),
      matched: this.whole ?? this.walk.matched,
      passes,
      written,
      samples: this.differences.samples(SAMPLES),
      slow: this.slow,
    };
  }

  /** What both sources have to have. Looked at once: a source that becomes another one fails by its statements. */
  private async prepared(reading: Reading): Promise<Sources> {
    if (this.sources) return this.sources;
    const { first, second, key, changed } = this.settings;
    const [a, b] = [await this.described(reading, first), await this.described(reading, second)];
    if (a.keyType !== b.keyType)
      throw new Mismatch(
        `${key} is of another type in ${second.name} than in ${first.name}: cast one of them`,
      );
    const lacks = (has: string[], wanted: string[]) => wanted.filter((name) => !has.includes(name));
    const [less, more] = [lacks(b.columns, a.columns), lacks(a.columns, b.columns)];
    if (less.length + more.length > 0)
      throw new Mismatch(
        `${first.name} and ${second.name} do not yield the same columns: ${[...less, ...more].join(", ")}`,
      );
    const sources: Sources = {
      ...{ first: first.query, second: second.query, key, changed, seed: this.seed },
      columns: a.columns.sort(),
    };
    this.slow = await slowSources(reading, this.settings);
    this.sources = sources;
    return sources;
  }

  private async described(reading: Reading, { name, query }: ReconcileSettings["first"]) {
    const { key, changed } = this.settings;
    const { text } = columnsOf(query);
    const columns = await reading.columns(text);
    const names = columns.map((column) => column.name);
    for (const wanted of [key, ...(changed === undefined ? [] : [changed])]) {
      const times = names.filter((one) => one === wanted).length;
      if (times !== 1) throw new Mismatch(`${name} yields ${times === 0 ? "no" : "more than one"} ${wanted}`);
    }
    if (new Set(names).size < names.length) throw new Mismatch(`${name} yields two columns of one name`);
    return {
      columns: names.filter((one) => one !== changed),
      keyType: columns.find((one) => one.name === key)?.type,
    };
  }

  private async readChanges(reading: Reading, sources: Sources, at: number): Promise<number> {
    const { key, changed } = sources;
    if (changed === undefined) return 0;
    let written = 0;
    for (const side of ["first", "second"] as const) {
      const changes = this.changes[side];
      const ask = async ({ text, values } = newestOf(sources[side], key, changed)) =>
        (await reading.rows(text, values)).map((row) => ({
          key: row.key ?? "",
          changed: row.changed ?? "",
        }));
      if (!changes.begun) changes.begin((await ask())[0], at);
      const rows = await ask(changesOf(sources[side], key, changed, changes.from(), READ_AT_ONCE));
      for (const found of changes.take(rows, at)) {
        if (!this.toLook.has(found)) written++;
        this.toLook.add(found);
      }
    }
    // Kept where the look fails: what changed is not read a second time.
    const keys = [...this.toLook].slice(0, 2 * READ_AT_ONCE);
    await this.look(reading, sources, keys, at);
    for (const key of keys) this.toLook.delete(key);
    return written;
  }

  /** Looks at keys by name, on both sides. */
  private async look(reading: Reading, sources: Sources, keys: readonly string[], at: number): Promise<void> {
    if (keys.length === 0) return;
    const sides = { first: keysOf(sources, "first", keys), second: keysOf(sources, "second", keys) };
    const pairs = await pairsOf(reading, sides);
    const seen = new Set(pairs.map(({ key }) => key));
    // A key that neither side has any more differs in nothing.
    const gone = keys.filter((key) => !seen.has(key)).map((key): Pair => ({ key }));
    this.differences.take([...pairs, ...gone], at);
  }

  private async walkOn(reading: Reading, sources: Sources, at: number, until: number): Promise<number> {
    this.refill(at);
    // One step at least: a walk that stood still would tell nothing of it.
    for (let steps = 0; this.allowance > 0 && (steps === 0 || performance.now() < until); steps++) {
      const ask = nextOf(this.walk);
      if (ask === undefined) {
        this.whole = this.walk.matched;
        this.walk = BEGINNING;
        this.differences.anew();
        // The rest of the allowance is for the next pass, and that one begins in the next round.
        this.allowance = 0;
        return 1;
      }
      this.allowance -= await this.step(reading, sources, ask, at);
    }
    return 0;
  }

  /** Rows that may be read by now. */
  private refill(at: number): void {
    const { first, later } = this.settings.rowsPerMinute;
    const perMs = (this.whole === undefined ? first : later) / 60_000;
    const passed = this.refilled === undefined ? MOST_SAVED_MS / 6 : Math.max(0, at - this.refilled);
    this.refilled = at;
    this.allowance = Math.min(this.allowance + passed * perMs, MOST_SAVED_MS * perMs);
  }

  /** @returns how many rows were read for it */
  private async step(reading: Reading, sources: Sources, ask: Ask, at: number): Promise<number> {
    if (ask.kind === "list") {
      const { stretch, limit } = ask;
      const of = (side: "first" | "second") => listOf(sources, side, stretch, limit + 1);
      const pairs = await pairsOf(reading, { first: of("first"), second: of("second") });
      const { walk, found } = listed(this.walk, pairs.length > limit ? undefined : pairs);
      this.walk = walk;
      this.differences.take(found, at);
      return Math.max(1, pairs.length);
    }
    const edge = edgeOf(sources, ask.stretch, ask.step);
    const [last] = await reading.rows(edge.text, edge.values);
    const { after, until } = ask.stretch;
    const ends = last?.edge ?? undefined;
    const digest = digestOf(sources, { after, until: ends ?? until });
    const [sums] = await reading.rows(digest.text, digest.values);
    const [first, second] = [
      { rows: Number(sums?.firstRows), sum: sums?.firstSum ?? "" },
      { rows: Number(sums?.secondRows), sum: sums?.secondSum ?? "" },
    ];
    this.walk = compared(this.walk, { edge: ends, first, second });
    return Math.max(1, first.rows, second.rows);
  }
}

async function nowOf(reading: Reading): Promise<number> {
  const [row] = await reading.rows("select (extract(epoch from now()) * 1000)::bigint as now", []);
  return Number(row?.now);
}

/** Both sides of keys, side by side. */
async function pairsOf(
  reading: Reading,
  sides: Readonly<Record<"first" | "second", { text: string; values: readonly unknown[] }>>,
): Promise<Pair[]> {
  const pairs = new Map<string, { key: string; first?: Pair["first"]; second?: Pair["second"] }>();
  for (const side of ["first", "second"] as const) {
    for (const { key, hash, changed } of await reading.rows(sides[side].text, sides[side].values)) {
      const pair = pairs.get(key ?? "") ?? { key: key ?? "" };
      pair[side] = { hash: hash ?? "", changed: changed ?? "" };
      pairs.set(pair.key, pair);
    }
  }
  return [...pairs.values()];
}
