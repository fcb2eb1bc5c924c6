/** Steps of a rehearsal that rows of both plans point at: the file that tells them, and how. */

export const PROMOTED = "cli/rehearse/derived/promote.ts: with every gate passing";
export const BLOCKED = "cli/rehearse/derived/blocked.ts: before what it asks for is done";
export const FIRED = "cli/rehearse/derived/aborts.ts: fires by";
