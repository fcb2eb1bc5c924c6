import type { Seen } from "../observation";

/** Looks at the clock. */
export const look = (): Seen => ({ kind: "clock", now: new Date().toISOString() });
