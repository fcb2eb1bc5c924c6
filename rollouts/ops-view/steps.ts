/** Steps of the rehearsal that several rows point at, by their names. */

export const A = "stageA, with every gate passing";
export const B = "stageB, with every gate passing";
export const RESTARTED = "the flags reached every server by its restart";
export const BLOCKED = "right after stageA, without sign-offs";
export const XB1 = "writes fail, and XB1 turns WRITE off";
export const XA4 = "the queue is slow, and XA4 turns READ off: both flags";
