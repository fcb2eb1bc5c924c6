import { showDuration } from "../text/duration";
import type { Span } from "./window";

/** How much of a window has data: how many of its parts, each of which should. */
export interface Coverage {
  /** Parts that the window has, the delay of ingestion left out. */
  readonly parts: number;
  /** How many of them have data. */
  readonly covered: number;
  /** How many of the others have data of the heartbeat. */
  readonly alive: number;
  /** How long a part is. Ms. */
  readonly partMs: number;
  /** How finely the source remembers data of this age. Seconds. */
  readonly period: number;
}

/** How late data may come. Source: CloudWatch's guide; custom metrics are there within two minutes. */
const INGESTION_MS = 120_000;
/** Of a short window the delay leaves out no more than this share. */
const INGESTION_SHARE = 0.1;

/** Where scaled time goes by so fast that an app's own second is long, no gap shorter than this is one. */
export const SHORTEST_PART_MS = 10_000;

/**
 * Counts the parts of a window that have data.
 *
 * @param series when each series has data, ms since the epoch: a part is covered where all of them have some
 * @param heartbeat the same of the metric that shows that the app was alive
 * @param asked when it was asked for, ms since the epoch: of a window that was over then nothing is on its way any more
 */
export function coverageOf(
  { from, to }: Span,
  of: Pick<Coverage, "partMs" | "period">,
  series: readonly (readonly number[])[],
  heartbeat: readonly number[] = [],
  asked = to,
): Coverage {
  const length = to - from;
  const due = length - Math.max(0, Math.min(INGESTION_MS, length * INGESTION_SHARE) - (asked - to));
  const parts = length > 0 ? Math.max(1, Math.floor(due / of.partMs)) : 0;
  // What comes after the last whole part belongs to it: it may not be there yet.
  const partsWith = (times: readonly number[]) =>
    new Set(
      times
        .filter((time) => time >= from && time < to)
        .map((time) => Math.min(parts - 1, Math.floor((time - from) / of.partMs))),
    );
  const [first = new Set<number>(), ...others] = series.map(partsWith);
  const covered = new Set([...first].filter((part) => others.every((other) => other.has(part))));
  const alive = [...partsWith(heartbeat)].filter((part) => !covered.has(part));
  return { parts, covered: covered.size, alive: alive.length, ...of };
}

/** What a gate demands of coverage. */
export interface CoverageRule {
  /** The largest share of the window that may be without data. */
  readonly atMost: number;
  /** Whether a heartbeat must have lived through every gap. */
  readonly heartbeat: boolean;
}

/** Why a window is not covered well enough, as a sentence with times as they are declared; undefined where it is. */
export function gapIn(
  coverage: Coverage | undefined,
  { atMost, heartbeat }: CoverageRule,
  timeScale: number,
): string | undefined {
  const { parts, covered, alive, partMs } = coverage ?? { parts: 0, covered: 1, alive: 0, partMs: 0 };
  const gaps = parts - covered;
  if (parts === 0 && gaps === 0) return "nothing of the window is over yet";
  if (!(parts > 0 && gaps >= 0)) return "it is not known how much of the window has data";
  if (gaps === 0) return undefined;
  const [part, gap] = [partMs, gaps * partMs].map((ms) => showDuration(ms * timeScale));
  const told = `${gap} without data (${covered} of ${parts} periods of ${part} have some)`;
  if (!(gaps <= atMost * parts)) return told;
  return heartbeat && alive < gaps ? `${told}, ${gaps - alive} of them without a heartbeat` : undefined;
}
