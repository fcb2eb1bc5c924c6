import { hash } from "node:crypto";

/** So many places there are: a percentage counts to three decimals. */
export const PLACES = 100_000;

/** How many bytes of the hash are taken: the most that a number holds exactly. */
const BYTES = 6;

/**
 * A user's place in the queue of a flag, from 0 to 99 999: the same on every server, in every language, at every
 * percentage. BUCKETS.md has the formula.
 *
 * @param salt decides the order of users: another salt begins with other users
 * @param key what a user is known by
 */
export function placeOf(salt: string, key: string): number {
  return hash("sha256", `${salt}\0${key}`, "buffer").readUIntBE(0, BYTES) % PLACES;
}

/** Whether a place is among so many percent. Whoever is at one percentage is at every higher one. */
export function isAmong(place: number, percent: number): boolean {
  return place < Math.floor(percent * (PLACES / 100) + 0.5);
}
