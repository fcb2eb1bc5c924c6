import type pg from "pg";
import { probeName } from "../../src/aws/probeNames";
import type { Rollout } from "../../src/rollout/rollout";
import { type Problem, UserError } from "../../src/text/problem";
import type { Emulator } from "../aws/emulated";
import { repeat } from "../host/repeat";
import { startClockwork } from "./clockwork";
import { type GroupLines, linesFor } from "./logs/lines";
import { type LogRow, logRowsOf } from "./logs/logRows";
import { type LogWriter, startLogWriter } from "./logs/write";
import { type SignalPublisher, startPublisher } from "./signals/publish";
import { goodValues, type Published } from "./signals/values";
import { type Watched, watchedBy } from "./signals/watched";
import { openTables, type StandInTables } from "./tables/tables";

/** How often made-up rows are written anew, in ms: they are about now, and grow old. */
const FRESH_MS = 1_000;

/** No metric was published for longer before, in ms: a point a second is kept of each. */
const LONGEST_MS = 2 * 3_600_000;

/** What an app would publish and log with which every row of a rollout is content. */
export interface Signals {
  readonly watched: readonly Watched[];
  readonly good: readonly Published[];
  readonly logRows: readonly LogRow[];
  readonly lines: readonly GroupLines[];
  /** Rows that stand against each other: nothing contents all of them. */
  readonly problems: readonly Problem[];
}

/** Finds it, by the rollout's config alone. */
export function signalsOf(rollout: Rollout): Signals {
  const watched = watchedBy(rollout);
  const good = goodValues(watched);
  const logRows = logRowsOf(rollout);
  const lines = linesFor(logRows);
  return {
    watched,
    good: good.ok ? good.value : [],
    logRows,
    lines: lines.ok ? lines.value : [],
    problems: [
      ...(good.ok ? [] : good.rows.map(againstEachOther)),
      ...(lines.ok ? [] : lines.rows.map(withoutLines)),
    ],
  };
}

export interface MadeUpOptions {
  readonly aws: Emulator;
  /** Its user must be a superuser. */
  readonly pool: pg.Pool;
  readonly rollout: Rollout;
  /** How much faster declared durations pass than the clock. */
  readonly timeScale: number;
  readonly signals: Signals;
  /** The namespaces of the metrics that an app of the rollout's own publishes. */
  readonly publishes?: readonly string[];
}

/** What goes on in a made-up world, until it is stopped. */
export interface MadeUp {
  /** Absent where the rollout reads no database. */
  readonly tables: StandInTables | undefined;
  readonly publisher: SignalPublisher;
  readonly writer: LogWriter;
  stop(): Promise<void>;
}

/**
 * Makes up the tables of a rollout, publishes its metrics, writes its logs, and calls what is called by the clock. Throws a
 * `UserError` where its tables cannot be made up; then nothing goes on.
 */
export async function startMadeUp({
  aws,
  pool,
  rollout,
  timeScale,
  signals,
  publishes = [],
}: MadeUpOptions): Promise<MadeUp> {
  const tables = rollout.database ? await openTables(pool, rollout, { timeScale }) : undefined;
  const missing = tables?.problems ?? [];
  if (missing.length > 0) throw new UserError("The tables of this rollout cannot be made up:", missing);
  await tables?.calm();
  const writer = await startLogWriter({ ...aws, lines: signals.lines });
  const fresh = tables && repeat({ pauseMs: FRESH_MS }, () => tables.refresh());
  const publisher = startPublisher({
    ...aws,
    good: signals.good,
    bring: ({ namespace }) => !publishes.includes(namespace),
    reach: Math.min(LONGEST_MS, Math.max(0, ...signals.watched.map(({ judges = 0 }) => judges))),
  });
  const clockwork = startClockwork({ ...aws, eachMinute: probesOf(rollout) });
  return {
    tables,
    publisher,
    writer,
    async stop() {
      for (const one of [clockwork, writer, publisher, fresh]) await one?.stop();
    },
  };
}

/** The functions that a rule calls each minute. */
function probesOf({ name, stages }: Rollout): string[] {
  return stages.flatMap((stage) =>
    Object.values(stage.abort).some(({ probe }) => probe) ? [probeName(name, stage.name)] : [],
  );
}

function againstEachOther({ stage, section, row }: Watched): Problem {
  return {
    where: `Pulumi.${stage}.yaml cutover:stage.${section}.${row}`,
    what: "wants of its metrics what other rows forbid: no values content all of them",
    remedy: "Correct its limits, or those of the rows that read the same metrics",
  };
}

function withoutLines({ stage, row }: LogRow): Problem {
  return {
    where: `Pulumi.${stage}.yaml cutover:stage.abort.${row}.logs.pattern`,
    what: "leaves no line with which this row and the others of its log group are content",
    remedy: "Correct it, or those of the rows that read the same log group",
  };
}
