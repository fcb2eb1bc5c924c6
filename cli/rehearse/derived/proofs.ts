import type { Rollout } from "../../../src/rollout/rollout";
import { type Proven, type Row, rowsOf, type Section } from "./rehearsedRows";

/** How a row was seen to do its work. */
export interface Proof {
  readonly stage: string;
  readonly section: Section;
  readonly proven: Proven;
  /** What made it do so. */
  readonly by: string;
  /** How long it took from then on, in ms. */
  readonly ms: number;
}

/** What a rehearsal has seen of each row. */
export class Proofs {
  readonly rows: readonly Row[];
  readonly #seen = new Map<string, Proof>();

  constructor(rollout: Rollout) {
    this.rows = rowsOf(rollout);
  }

  /** The first proof of a row counts; one that does something else than it should is none. */
  add(key: string, proven: Proven, by: string, ms: number): void {
    const row = this.rows.find((one) => one.key === key);
    if (!row || row.proves !== proven || this.#seen.has(key)) return;
    this.#seen.set(key, { stage: row.stage, section: row.section, proven, by, ms });
  }

  has(key: string): boolean {
    return this.#seen.has(key);
  }

  /** The rows of which nothing was seen yet. */
  open(): Row[] {
    return this.rows.filter(({ key }) => !this.#seen.has(key));
  }

  /** By id, or `ID of STAGE` where several stages have a row of that id. */
  toJSON(): Record<string, Proof> {
    const ids = this.rows.map(({ id }) => id);
    const name = ({ id, stage }: Row) => (ids.indexOf(id) === ids.lastIndexOf(id) ? id : `${id} of ${stage}`);
    return Object.fromEntries(
      this.rows.flatMap((row) => {
        const proof = this.#seen.get(row.key);
        return proof ? [[name(row), proof]] : [];
      }),
    );
  }
}
