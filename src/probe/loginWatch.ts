import type { ReachSource } from "../gates/database";
import { excessOf } from "../gates/loginReach";
import { within } from "../text/within";

/** How long what was found holds, in ms: a catalog need not be read with each measurement. */
const HOLDS_MS = 50_000;
/** How long the catalog is read at most. It takes milliseconds. */
const READ_MS = 3_000;

/**
 * What is wrong with the gates' login itself, in words: the database refuses it, as after a change of its password, or it
 * may do more than it was made for. Looked at about once a minute, and at once where the database has just refused something
 * or did so the last time. What was found stays so until it can be looked at again.
 */
export class LoginWatch {
  #found: readonly string[] = [];
  #refused = false;
  #lookedAt = Number.NEGATIVE_INFINITY;

  constructor(private readonly now: () => number = () => performance.now()) {}

  /**
   * @param refused whether the database has just refused something
   * @param msLeft until the run has to be over; without any, it is not looked
   */
  async look(source: ReachSource, refused: boolean, msLeft: number): Promise<readonly string[]> {
    const due = refused || this.#refused || this.now() - this.#lookedAt >= HOLDS_MS;
    if (!due || msLeft <= 0) return this.#found;
    const reach = await within(msLeft, source.reach(READ_MS));
    if (reach === undefined) return this.#found;
    this.#lookedAt = this.now();
    this.#refused = "refused" in reach;
    this.#found = "refused" in reach ? [reach.refused] : excessOf(reach).map(({ what }) => what);
    return this.#found;
  }
}
