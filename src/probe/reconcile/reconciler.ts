import { randomBytes } from "node:crypto";
import type { Read, Reading, ReadingSource } from "../../gates/databaseReading";
import { Changes, READ_AT_ONCE } from "./changes";
import { type Counts, Differences } from "./differences";
import type { DifferenceKind, Pair } from "./pair";
import { slowSources } from "./plan";
import { Mismatch, prepared } from "./prepared";
import type { ReconcileSettings } from "./settings";
import {
  BEGIN,
  changesOf,
  digestOf,
  edgeOf,
  keysOf,
  listOf,
  newestOf,
  type Sources,
  type Statement,
} from "./statements";
import { type Ask, BEGINNING, compared, listed, nextOf, pacedBy, STEPS, type Walk } from "./walk";

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
  /** Rows that one statement may compare, at most: fewer where that takes long. */
  private most: number = STEPS[0];
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
      const read = await source.reading({ timeoutMs, deadline }, asked, (reading) =>
        this.read(reading, until),
      );
      // What was cut off would be cut off again: the next round asks for less.
      if ("failure" in read && read.failure.startsWith("timeout")) this.most = pacedBy(this.most, 1, 0);
      return read;
    } catch (error) {
      if (error instanceof Mismatch) return { failure: `bad-answer: ${error.message}` };
      throw error;
    }
  }

  private async read(reading: Reading, until: number): Promise<Reconciled> {
    const [begun] = await reading.rows(BEGIN.text, BEGIN.values);
    const at = Number(begun?.now);
    if (!this.sources) {
      this.sources = await prepared(reading, this.settings, this.seed);
      this.slow = await slowSources(reading, this.settings);
    }
    const sources = this.sources;
    const written = await this.readChanges(reading, sources, at);
    // Those that are known last: what has just changed is as it was looked at already.
    await this.look(reading, sources, this.differences.due(Math.min(LOOKED_AGAIN, this.most)), at);
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

  private async readChanges(reading: Reading, sources: Sources, at: number): Promise<number> {
    const { changed } = sources;
    if (changed === undefined) return 0;
    let written = 0;
    for (const side of ["first", "second"] as const) {
      const changes = this.changes[side];
      const ask = async ({ text, values } = newestOf(sources, side, changed)) =>
        (await reading.rows(text, values)).map((row) => ({
          key: row.key ?? "",
          changed: row.changed ?? "",
        }));
      if (!changes.begun) changes.begin((await ask())[0], at);
      const rows = await ask(changesOf(sources, side, changed, changes.from(), READ_AT_ONCE));
      for (const found of changes.take(rows, at)) {
        if (!this.toLook.has(found)) written++;
        this.toLook.add(found);
      }
    }
    // Kept where the look fails: what changed is not read a second time.
    const keys = [...this.toLook].slice(0, this.most);
    await this.look(reading, sources, keys, at);
    for (const key of keys) this.toLook.delete(key);
    return written;
  }

  /** Looks at keys by name, on both sides. */
  private async look(reading: Reading, sources: Sources, keys: readonly string[], at: number): Promise<void> {
    if (keys.length === 0) return;
    const pairs = await pairsOf(reading, keysOf(sources, keys));
    const seen = new Set(pairs.map(({ key }) => key));
    // A key that neither side has any more differs in nothing.
    const gone = keys.filter((key) => !seen.has(key)).map((key): Pair => ({ key }));
    this.differences.take([...pairs, ...gone], at);
  }

  private async walkOn(reading: Reading, sources: Sources, at: number, until: number): Promise<number> {
    this.refill(at);
    // One step at least: a walk that stood still would tell nothing of it.
    for (let steps = 0; this.allowance > 0 && (steps === 0 || performance.now() < until); steps++) {
      const ask = nextOf(this.walk, this.most);
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
      const pairs = await pairsOf(reading, listOf(sources, stretch, limit + 1));
      const { walk, found } = listed(this.walk, pairs.length > limit ? undefined : pairs);
      this.walk = walk;
      this.differences.take(found, at);
      return Math.max(1, pairs.length);
    }
    const began = performance.now();
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
    const rows = Math.max(1, first.rows, second.rows);
    this.most = pacedBy(this.most, (performance.now() - began) / this.settings.timeoutMs, rows);
    return rows;
  }
}

/** Both sides of keys. */
async function pairsOf(reading: Reading, { text, values }: Statement): Promise<Pair[]> {
  const mark = (hash: string | null | undefined, changed: string | null | undefined) =>
    hash === null || hash === undefined ? undefined : { hash, changed: changed ?? "" };
  return (await reading.rows(text, values)).map((row): Pair => {
    const { key, firstHash, firstChanged, secondHash, secondChanged } = row;
    return {
      key: key ?? "",
      first: mark(firstHash, firstChanged),
      second: mark(secondHash, secondChanged),
    };
  });
}
