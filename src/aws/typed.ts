import { quoted } from "../text/command";
import { command, LIVE_SINCE, NOW, secondsAgo, word } from "../text/shell";
import { dimensionList } from "./metricId";
import { dataQueries, queriesOf } from "./metricQuery";
import { isMath, type MetricSource, type OneMetric } from "./metricSource";

/**
 * What AWS is asked about CloudWatch, as a person types it with its own command line. Each line prints what it is read
 * for and no more.
 */

/** How far back a person looks: so many seconds, or since the flags went live; or a stretch of so many seconds before now. */
export type Back = number | "soak" | Stretch;

/** So many seconds that ended a while ago, or that began when the flags went live. */
type Stretch = { readonly seconds: number } & ({ readonly endedAgo: number } | { readonly from: "flip" });

/** The same, or a quarter of it, as `quarterLines` sets them. */
type Part = OneMetric["part"];

/**
 * The lines that set what those of a quarter take: where the window begins, how long a quarter of it is, and a period
 * that ends with it, of which CloudWatch still remembers each (minutes for 15 days, 5 minutes for 63, then hours) and
 * tells at most 1,440 at once. Seconds all.
 */
export function quarterLines(back: Back): string[] {
  const from = back === "soak" ? FLIP : secondsAgo(secondsOf(back));
  return [
    `FROM=${from}`,
    `QUARTER=$(( (${NOW} - FROM) / 4 ))`,
    "GRAIN=$(( QUARTER > 1360800 ? 3600 : QUARTER > 324000 ? 300 : 60 ))",
    "PERIOD=$(( (QUARTER / 1440 / GRAIN + 1) * GRAIN ))",
  ];
}

/** When the flags went live, in seconds since the epoch. */
const FLIP = `$(jq -rn --arg since "$${LIVE_SINCE}" '$since | sub("[.][0-9]+"; "") | fromdate')`;

const secondsOf = (back: number | Stretch) => (typeof back === "number" ? back : back.seconds);

/** The longest period that CloudWatch puts together. Seconds. */
const DAY = 86_400;
const MINUTE = 60;

const asked = (region: string | undefined) => (region === undefined ? [] : [`--region ${quoted(region)}`]);

function span(back: Back, part?: Part): string[] {
  if (part === "first quarter") return ['--start-time "$FROM"', '--end-time "$((FROM + QUARTER))"'];
  if (part === "last quarter") return ['--start-time "$((FROM + 3 * QUARTER))"', `--end-time "${NOW}"`];
  if (typeof back === "object") {
    const [from, to] =
      "from" in back
        ? [FLIP, `$((${FLIP} + ${back.seconds}))`]
        : [secondsAgo(back.seconds + back.endedAgo), secondsAgo(back.endedAgo)];
    return [`--start-time "${from}"`, `--end-time "${to}"`];
  }
  const from = back === "soak" ? `"$${LIVE_SINCE}"` : `"${secondsAgo(back)}"`;
  return [`--start-time ${from}`, `--end-time "${NOW}"`];
}

/** One period for all of the window, where CloudWatch has one so long. Periods are whole minutes. */
function periodOf(back: Back, part?: Part): number | string {
  if (part !== undefined) return '"$PERIOD"';
  return back === "soak" ? DAY : Math.min(DAY, Math.ceil(secondsOf(back) / MINUTE) * MINUTE);
}

function dimensionWords({ dimensions }: OneMetric): string[] {
  const list = dimensionList(dimensions).map(({ Name, Value }) => word(`Name=${Name},Value=${Value}`));
  return list.length === 0 ? [] : [`--dimensions ${list.join(" ")}`];
}

/** How many values there are beside the value itself: a sum of nothing reads as zero. */
const SAMPLES = "sum(Datapoints[].SampleCount)";

/**
 * A metric's statistic over a window: the value and how many samples it has; of a percentile, one value for each day,
 * which cannot be put together. Of a quarter of the window, where the metric names one: after `quarterLines`.
 */
export function statisticLine(metric: OneMetric, back: Back, region?: string): string {
  const { namespace, name, statistic, part } = metric;
  if (statistic.startsWith("p")) return periodsLine(metric, { back, period: periodOf(back) }, region);
  const pick = `[${VALUES[statistic] ?? "Datapoints"}, ${SAMPLES}]`;
  const wanted = [...new Set([statistic === "Average" ? "Sum" : statistic, "SampleCount"])];
  const line = command(
    "aws cloudwatch get-metric-statistics",
    `--namespace ${word(namespace)} --metric-name ${word(name)}`,
    ...dimensionWords(metric),
    `--statistics ${wanted.join(" ")} --period ${periodOf(back, part)}`,
    span(back, part).join(" "),
    ...asked(region),
    `--query ${word(pick)} --output text`,
  );
  return statistic === "Average" ? `${line} | awk '{ print ($2 ? $1 / $2 : "no data"), $2 }'` : line;
}

const VALUES: Readonly<Record<string, string>> = {
  Sum: "sum(Datapoints[].Sum)",
  SampleCount: SAMPLES,
  Average: "sum(Datapoints[].Sum)",
  Minimum: "min(Datapoints[].Minimum)",
  Maximum: "max(Datapoints[].Maximum)",
};

/** A source minute by minute, or in periods of so many seconds: what `pick` makes of it, in JMESPath. */
function dataLine(
  source: MetricSource,
  { back, period, pick }: { back: Back; period: number; pick: string },
  region?: string,
): string {
  return command(
    "aws cloudwatch get-metric-data",
    `--metric-data-queries ${word(JSON.stringify(dataQueries(queriesOf(source), period)))}`,
    span(back).join(" "),
    ...asked(region),
    `--query ${word(pick)} --output text`,
  );
}

/** The largest and the smallest minute of a window. */
export function minutesLine(source: MetricSource, back: Back, region?: string): string {
  const pick = "MetricDataResults[0].[max(Values), min(Values)]";
  return dataLine(source, { back, period: MINUTE, pick }, region);
}

/** A metric's values, one line for each period (seconds), the newest last. */
function periodsLine(
  metric: OneMetric,
  { back, period }: { back: Back; period: number | string },
  region?: string,
): string {
  const { namespace, name, statistic } = metric;
  const percentile = statistic.startsWith("p");
  return command(
    "aws cloudwatch get-metric-statistics",
    `--namespace ${word(namespace)} --metric-name ${word(name)}`,
    ...dimensionWords(metric),
    `${percentile ? "--extended-statistics" : "--statistics"} ${statistic} --period ${period}`,
    span(back).join(" "),
    ...asked(region),
    `--query ${word(`sort_by(Datapoints, &Timestamp)[].[Timestamp, ${percentile ? `ExtendedStatistics."${statistic}"` : statistic}]`)} --output text`,
  );
}

/** How many of its newest periods show whether a signal has calmed down. */
const NEWEST = 20;

/** A signal's newest values, period by period (seconds). */
export function newestLine(source: MetricSource, period: number, region?: string): string {
  // Data come a minute or two late.
  const back = Math.max(NEWEST * period, 300);
  if (!isMath(source)) return periodsLine(source, { back, period }, region);
  const pick = `MetricDataResults[0].[Timestamps[:${NEWEST}], Values[:${NEWEST}]]`;
  return dataLine(source, { back, period, pick }, region);
}

/** The states of alarms now, and why. */
export function alarmsLine(names: readonly string[], region?: string): string {
  return command(
    `aws cloudwatch describe-alarms --alarm-names ${names.map(word).join(" ")}`,
    ...asked(region),
    "--query 'MetricAlarms[].[AlarmName, StateValue, StateUpdatedTimestamp, StateReason]' --output text",
  );
}

/** When each alarm changed its state since the flags are live. */
export function alarmHistoryLine(names: readonly string[], region?: string): string {
  const ask = command(
    'aws cloudwatch describe-alarm-history --alarm-name "$alarm" --history-item-type StateUpdate',
    `--start-date "$${LIVE_SINCE}"`,
    ...asked(region),
    "--query 'AlarmHistoryItems[].[Timestamp, AlarmName, HistorySummary]' --output text",
  );
  return `for alarm in ${names.map(word).join(" ")}; do\n  ${ask.replaceAll("\n", "\n  ")}\ndone`;
}

/** A snapshot of a database: what it is of, how far it is, and when it was taken. */
export function snapshotLine(
  { id, kind }: { readonly id: string; readonly kind: "instance" | "cluster" },
  region?: string,
): string {
  const [call, option, list, of] =
    kind === "instance"
      ? ["describe-db-snapshots", "db-snapshot", "DBSnapshots", "DBInstanceIdentifier"]
      : ["describe-db-cluster-snapshots", "db-cluster-snapshot", "DBClusterSnapshots", "DBClusterIdentifier"];
  return command(
    `aws rds ${call} --${option}-identifier ${word(id)}`,
    ...asked(region),
    `--query '${list}[].[${of}, Status, SnapshotCreateTime]' --output text`,
  );
}

/** Deletes a temporary database with all that is in it. An Aurora cluster goes after its instance. */
export function deleteDatabaseLines(
  { name, kind }: { readonly name: string; readonly kind: "instance" | "cluster" },
  region?: string,
): string[] {
  const gone = (one: string) => `aws rds delete-db-${one} --db-${one}-identifier ${word(name)}`;
  const kinds = kind === "instance" ? ["instance"] : ["instance", "cluster"];
  return kinds.map((one) => command(`${gone(one)} --skip-final-snapshot`, ...asked(region)));
}
