import { OWN_FILE } from "../../sandbox/world/own";
import type { Timeline } from "../timeline";
import type { Proofs } from "./proofs";
import type { Proven, Row } from "./rehearsedRows";

/** What a row should be seen to do. */
export const SHOULD: Readonly<Record<Proven, string>> = {
  blocked: "block a promotion",
  failed: "fail after a flip",
  aborted: "bring the flags down",
  paged: "page on-call",
  sent: "be sent",
};

/** Fails a rehearsal of every row where one was never seen to do its work: it may be one that never can. */
export function unprovenStep(timeline: Timeline, proofs: Proofs): void {
  const open = proofs.open();
  const { length: all } = proofs.rows;
  timeline.add(
    {
      name: `every row was seen to do its work: ${all - open.length} of ${all}`,
      stack: null,
      expected: "done",
      outcome: open.length === 0 ? "done" : "failed",
      flagsBefore: {},
      flagsAfter: {},
      verdicts: {},
      ms: 0,
    },
    open.map(wordsFor),
  );
}

function wordsFor({ id, stage, section, source, title, proves }: Row): string {
  return `${id} of ${stage} (${section}, ${source}) was never seen to ${SHOULD[proves]}: ${title}. Say under faults in ${OWN_FILE} what makes it do so.`;
}
