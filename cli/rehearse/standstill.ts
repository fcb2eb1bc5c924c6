/** So many times the same has to be said before it counts: one long wait is no proof. */
const TIMES = 5;

/** Tells from what is said again and again when it is the same for long enough. Knows no clock. */
export class Standstill {
  #said: string | undefined;
  #since = 0;
  #times = 0;

  /**
   * Whether this, and nothing else, has been said for so long.
   *
   * @param said undefined where nothing was said that could last
   * @param forMs how long is long enough
   * @param now in ms, from any beginning
   */
  lasts(said: string | undefined, forMs: number, now: number): boolean {
    if (said === undefined || said !== this.#said) {
      this.#said = said;
      this.#since = now;
      this.#times = 0;
    }
    this.#times++;
    return said !== undefined && this.#times >= TIMES && now - this.#since >= forMs;
  }
}
