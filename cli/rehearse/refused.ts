import { type Refused, refusalsOf } from "../../sandbox/aws/front/refusals";
import type { Timeline } from "./timeline";

/**
 * Fails a rehearsal in which AWS would have refused something: no step of a rehearsal asks AWS for what it does not
 * take, so that whatever it came from would not work on an account either.
 */
export async function refusedStep(timeline: Timeline, endpoint: string): Promise<void> {
  const refused = await refusalsOf(endpoint);
  timeline.add(
    {
      name: `AWS refused ${refused.length === 0 ? "nothing" : `${refused.length} of the requests`}`,
      stack: null,
      expected: "done",
      outcome: refused.length === 0 ? "done" : "failed",
      flagsBefore: {},
      flagsAfter: {},
      verdicts: {},
      ms: 0,
    },
    [...new Set(refused.map(wordsFor))],
  );
}

function wordsFor({ service, operation, code, message }: Refused): string {
  return `${service} answered ${operation ?? "a call"} with ${code}: ${message}`;
}
