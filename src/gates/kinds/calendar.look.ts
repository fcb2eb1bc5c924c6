import type { Seen } from "../observation";

/** Looks at the clock. */
export const look = (): Seen => ({ kind: "hour", now: new Date().toISOString() });
