import type { DatabaseConnection } from "../gates/databaseConnection";
import type { ImportsConfig } from "../rollout/config/imports";
import { reasonOf } from "../text/problem";
import type { Baseline } from "./answer";
import { askQueries } from "./ask";
import { QUERY_IDS } from "./queries/query";

/** How far back a baseline looks: a day, with its busy and its quiet hours. */
const BASELINE_MS = 24 * 3_600_000;
/** From when on an import counts as stuck, unless somebody says otherwise. */
export const STUCK_MS = 2 * 3_600_000;

/** The baseline, or why it could not be taken. */
export type Measured = Baseline | { readonly failure: string };

/** Asks all six questions over the last day. Never fails: what went wrong is told in its answer. */
export async function measureBaseline(
  connection: DatabaseConnection,
  mapping: ImportsConfig,
  now: Date = new Date(),
): Promise<Measured> {
  const [since, until] = [new Date(now.getTime() - BASELINE_MS).toISOString(), now.toISOString()];
  try {
    const answers = await askQueries(connection, mapping, {
      ids: QUERY_IDS,
      since,
      until,
      olderThanMs: STUCK_MS,
    });
    const failed = answers.flatMap((answer) =>
      "failure" in answer ? [`${answer.id}: ${answer.failure}`] : [],
    );
    return failed.length > 0 ? { failure: failed.join("; ") } : { at: until, since, until, answers };
  } catch (error) {
    return { failure: reasonOf(error) };
  }
}
