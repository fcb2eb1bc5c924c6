import { type DifferenceKind, kindOf, type Pair, sameAs } from "./pair";

/** Differences that are kept, at most. Where there are more, a person has to look anyway. */
export const MOST_KEPT = 10_000;

/** How many differences there are that are older than the lag. */
export interface Counts extends Readonly<Record<DifferenceKind, number>> {
  /** Younger ones: they may be the lag between the sources. */
  readonly pending: number;
  /** True where there were more than are kept: then the counts are the least that there are. */
  readonly more: boolean;
}

interface Kept {
  readonly pair: Pair;
  readonly kind: DifferenceKind;
  /** Since when it has been seen as it is, on the database's clock, in ms. */
  readonly since: number;
  readonly counted: boolean;
}

/**
 * The keys that differ. One counts only where it was seen unchanged on both sides at two looks that are further apart
 * than the lag: whatever happens to a row meanwhile begins that anew. So neither a row on its way, nor one that was
 * deleted a moment ago and has no time of its own, is told as a difference.
 */
export class Differences {
  /** The one that was looked at longest ago comes first. */
  private readonly kept = new Map<string, Kept>();
  private more = false;

  /** @param lagMs how long the second source may be behind the first */
  constructor(private readonly lagMs: number) {}

  /**
   * Takes what was just seen of keys: all of them in one snapshot.
   *
   * @param at when that was, on the database's clock, in ms
   */
  take(pairs: readonly Pair[], at: number): void {
    for (const pair of pairs) {
      const before = this.kept.get(pair.key);
      this.kept.delete(pair.key);
      const kind = kindOf(pair);
      if (kind === undefined) continue;
      if (before === undefined && this.kept.size >= MOST_KEPT) {
        this.more = true;
        continue;
      }
      const same = before !== undefined && sameAs(before.pair, pair);
      const since = same ? before.since : at;
      const counted = same && (before.counted || at - since >= this.lagMs);
      this.kept.set(pair.key, { pair, kind, since, counted });
    }
  }

  /** The keys to look at again, those first that were looked at longest ago. */
  due(limit: number): string[] {
    const keys: string[] = [];
    for (const key of this.kept.keys()) {
      if (keys.length >= limit) break;
      keys.push(key);
    }
    return keys;
  }

  /** A pass begins: what there was beyond those that are kept is for it to find. */
  anew(): void {
    if (this.kept.size < MOST_KEPT) this.more = false;
  }

  counts(): Counts {
    const counts = { missing: 0, extra: 0, different: 0, pending: 0 };
    for (const { kind, counted } of this.kept.values()) counts[counted ? kind : "pending"]++;
    return { ...counts, more: this.more };
  }

  /** Keys for people to look at, by what is the matter with them: a few of each. */
  samples(each: number): Partial<Record<DifferenceKind, string[]>> {
    const samples: Partial<Record<DifferenceKind, string[]>> = {};
    for (const [key, { kind, counted }] of this.kept) {
      const list = samples[kind] ?? [];
      if (counted && list.length < each) samples[kind] = [...list, key];
    }
    return samples;
  }
}
