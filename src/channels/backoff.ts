import { secondsAsked } from "../text/askOutside";

/** Before the second try, in s; each further one comes after twice the time, up to the longest. */
const FIRST_S = 5;
const LONGEST_S = 300;
/** A tool that asks for more is asked again sooner: what lies in the queue is about what happens now. */
const ASKED_AT_MOST_S = 900;

/**
 * When a delivery is tried again, in s from now.
 *
 * @param tries how many there were, 1 after the first
 * @param retryAfter the header of that name, seconds or a date
 * @param now ms since the epoch
 */
export function secondsUntilNext(tries: number, retryAfter: string | undefined, now: number): number {
  const own = Math.min(LONGEST_S, FIRST_S * 2 ** Math.min(tries - 1, 10));
  return Math.max(own, Math.min(ASKED_AT_MOST_S, secondsAsked(retryAfter, now)));
}

/**
 * So many tries a message has before it lies in the dead-letter queue: somewhat more than six hours of them. A tool that
 * is down for so long is a case for people, who are told of it after five minutes.
 */
export const TRIES = 80;
