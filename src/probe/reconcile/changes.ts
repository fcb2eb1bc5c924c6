/** Rows that are read at once, at most. */
export const READ_AT_ONCE = 5_000;
/** How long after others a transaction may be committed that began before them. The walk finds what is later. */
const OVERLAP_MS = 30_000;

/** Where in the order of changes a row stands: what changed at the same time is told apart by the key. */
export interface Place {
  readonly changed: string;
  readonly key: string;
}

/**
 * What has changed in one source, by the column that says when. A transaction may become visible after one that
 * changed its rows later: so the last half minute is read again each time, and what was seen before is left out.
 */
export class Changes {
  /** Oldest first; never empty once it has begun. `place` is undefined where the source was empty. */
  private read: { readonly at: number; readonly place: Place | undefined }[] = [];
  private recent = new Map<string, string>();

  /** @param newest the newest row as the walk begins: it finds all that is older */
  begin(newest: Place | undefined, at: number): void {
    this.read = [{ at, place: newest }];
    if (newest !== undefined) this.recent.set(newest.key, newest.changed);
  }

  get begun(): boolean {
    return this.read.length > 0;
  }

  /** Rows beyond this place are read next; undefined: all of them. */
  from(): Place | undefined {
    return this.read[0]?.place;
  }

  /**
   * Takes the rows that were read from there, in their order, `READ_AT_ONCE` at most.
   *
   * @param at when they were read, on the database's clock, in ms
   * @returns the keys that were not seen so before
   */
  take(rows: readonly Place[], at: number): string[] {
    const found = rows.filter(({ key, changed }) => this.recent.get(key) !== changed).map(({ key }) => key);
    const last = rows.at(-1);
    const seen = new Map(rows.map(({ key, changed }) => [key, changed]));
    if (rows.length >= READ_AT_ONCE && last !== undefined) {
      // More than can be read at once: it goes on where it is, without reading anything again.
      this.read = [{ at, place: last }];
      this.recent = seen;
      return found;
    }
    const place = last ?? this.read.at(-1)?.place;
    this.read.push({ at, place });
    while (this.read.length > 1 && at - (this.read[1]?.at ?? at) >= OVERLAP_MS) this.read.shift();
    for (const [key, changed] of seen) this.recent.set(key, changed);
    // What is read again is all that has to be known.
    if (this.recent.size > 2 * READ_AT_ONCE) this.recent = seen;
    return [...new Set(found)];
  }
}
