import type { Servers } from "../../sandbox/demo/service/servers";
import type { Timeline } from "./timeline";

/**
 * What is done with servers, for as long as they run. One that ends by itself is a failed step at once: what would
 * fail next only says that nobody answers.
 */
export async function whileTheyRun(
  { ended }: Pick<Servers, "ended">,
  timeline: Timeline,
  work: Promise<void>,
): Promise<void> {
  if (!ended) return work;
  let busy = true;
  const worked = work.finally(() => {
    busy = false;
  });
  const over = ended.then((why) => {
    // A world that is kept ends when somebody stops it, and its app before it.
    if (!busy) return;
    try {
      timeline.add(
        {
          name: "the app goes on running",
          stack: null,
          expected: "done",
          outcome: "failed",
          flagsBefore: {},
          flagsAfter: {},
          verdicts: {},
          ms: 0,
        },
        why.split("\n"),
      );
    } finally {
      timeline.close();
    }
  });
  return Promise.race([worked, over]);
}
