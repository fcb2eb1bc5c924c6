import { metricKey } from "../../../../src/aws/metricId";
import type { Input, Scope } from "../call";
import { metricsOf, type ReadPoints, valuesOf } from "../metrics/queries";
import { type MetricId, MetricStore, type Point } from "../metrics/store";
import { listOf } from "../rule";
import type { Upstream } from "../upstream";
import { AlarmActions } from "./actions";
import { type Alarm, evaluatedEvery, rangeOf, seenBy } from "./definition";
import { COMPARISONS, judge, type State } from "./judge";
import { isOfQueue, QueueMetrics } from "./queues";

interface Watched {
  readonly alarm: Alarm;
  state: State;
  /** When it is evaluated next without new data, in milliseconds of the epoch. */
  due: number;
  /** The states that are being sent, in their order. */
  sending: Promise<void>;
}

/** The services of AWS publish here, and so the emulator does by itself, past the front. */
export const isOfAws = ({ namespace }: Pick<MetricId, "namespace">): boolean => /^AWS\//.test(namespace);

/**
 * The alarms and metrics of one account in one region. Alarms are evaluated when data comes, and for silence
 * when it is time; a state is set once for each change, and the emulator then runs the actions.
 */
export class AlarmWatch {
  readonly metrics = new MetricStore();
  readonly actions: AlarmActions;
  readonly #watched = new Map<string, Watched>();
  readonly #queues: QueueMetrics;

  constructor(
    private readonly upstream: Upstream,
    private readonly scope: Scope,
  ) {
    this.#queues = new QueueMetrics(upstream, scope);
    this.actions = new AlarmActions(upstream, scope);
  }

  /** A new definition. The state of one that exists stays as it is until it is evaluated. */
  async put(alarm: Alarm, now: number): Promise<void> {
    const state = this.#watched.get(alarm.name)?.state ?? "INSUFFICIENT_DATA";
    const watched = { alarm, state, due: now + evaluatedEvery(alarm), sending: Promise.resolve() };
    this.#watched.set(alarm.name, watched);
    await this.#queues.sample(metricsOf(alarm.queries), now);
    const read = await this.reader(metricsOf(alarm.queries), now - span(alarm), now);
    const data = seenBy(alarm, now, read);
    // What has no data yet is told so only when it is time, as CloudWatch does.
    if (data?.some((datum) => datum !== undefined)) await this.#decide(watched, read, now);
  }

  get(name: string): Alarm | undefined {
    return this.#watched.get(name)?.alarm;
  }

  delete(names: readonly string[]): void {
    for (const name of names) this.#watched.delete(name);
    this.actions.delete(names);
  }

  /** A state that somebody has set by hand; it lasts until the alarm is evaluated. */
  set(name: string, state: State): void {
    const watched = this.#watched.get(name);
    if (watched !== undefined) watched.state = state;
  }

  /** Evaluates the alarms on what has just been published, and those on what the emulator itself publishes. */
  async published(ids: readonly MetricId[], now: number): Promise<void> {
    const touched = new Set(ids.map(metricKey));
    const asks = ({ alarm }: Watched) => metricsOf(alarm.queries).some(isOfAws);
    await Promise.all([
      // What just came must not wait for what the emulator is asked.
      this.#evaluate(
        (watched) =>
          !asks(watched) && metricsOf(watched.alarm.queries).some((id) => touched.has(metricKey(id))),
        now,
      ),
      this.#evaluate(asks, now),
    ]);
  }

  /** Evaluates the alarms whose time has come. */
  async tick(now: number): Promise<void> {
    const due = [...this.#watched.values()].filter((watched) => watched.due <= now);
    for (const watched of due) watched.due = now + evaluatedEvery(watched.alarm);
    const evaluated = new Set(due);
    await this.#evaluate((watched) => evaluated.has(watched), now);
  }

  /**
   * Takes away why alarms ring, where it is over: where what their metrics had in the last seconds is good, as if it had been
   * so for a whole period. Nobody learns anything from the end of one. In milliseconds of the epoch.
   *
   * @param since nothing is over that was so before
   */
  async quiet(since: number, now: number): Promise<void> {
    for (const watched of this.#watched.values()) {
      const { alarm, state } = watched;
      const ids = metricsOf(alarm.queries);
      if (state !== "ALARM" || ids.some(isOfAws)) continue;
      const over = wellFrom(alarm, since, now, await this.reader(ids, since, now));
      if (over === undefined) continue;
      for (const id of ids) this.metrics.drop(id, now - span(alarm), over);
      await this.#decide(watched, await this.reader(ids, now - span(alarm), now), now);
    }
  }

  /** Reads points of the store, and of the emulator for what it publishes by itself. */
  async reader(ids: readonly MetricId[], from: number, to: number): Promise<ReadPoints> {
    const theirs = new MetricStore();
    const asked = ids.filter((id) => isOfAws(id) && !isOfQueue(id));
    const wanted = new Map(asked.map((id) => [metricKey(id), id]));
    await Promise.all(
      [...wanted.values()].map(async (id) => {
        theirs.put(id, await this.#fetched(id, from, to));
        // What the sandbox publishes in the place of a service of AWS that it does not have.
        theirs.put(id, this.metrics.between(id, from, to + 1_000, false));
      }),
    );
    return (id, { from, to }, fine, unit) =>
      (isOfQueue(id) ? this.#queues.points : isOfAws(id) ? theirs : this.metrics).between(
        id,
        from,
        to,
        fine,
        unit,
      );
  }

  /** The metrics that the emulator publishes by itself. */
  async listTheirs(filter: Input): Promise<readonly Input[]> {
    return listOf((await this.upstream.call("monitoring", "ListMetrics", filter, this.scope)).Metrics);
  }

  async #evaluate(which: (watched: Watched) => boolean, now: number): Promise<void> {
    const chosen = [...this.#watched.values()].filter(which);
    if (chosen.length === 0) return;
    const ids = chosen.flatMap(({ alarm }) => metricsOf(alarm.queries));
    await this.#queues.sample(ids, now);
    const longest = Math.max(...chosen.map(({ alarm }) => span(alarm)));
    const read = await this.reader(ids, now - longest, now);
    await Promise.all(chosen.map((watched) => this.#decide(watched, read, now)));
  }

  /** From the decision to its record nothing else can come between, so each change is sent once. */
  #decide(watched: Watched, read: ReadPoints, now: number): Promise<void> {
    const { alarm, state: old } = watched;
    if (this.#watched.get(alarm.name) !== watched) return watched.sending;
    const data = seenBy(alarm, now, read);
    const state = data === undefined ? old : judge(alarm, data, old);
    if (state === old) return Promise.resolve();
    watched.state = state;
    const input: Input = {
      AlarmName: alarm.name,
      StateValue: state,
      StateReason: reason(alarm, data ?? [], state),
      StateReasonData: JSON.stringify({
        version: "1.0",
        recentDatapoints: data?.filter((datum) => datum !== undefined),
      }),
    };
    watched.sending = watched.sending
      .then(() => this.actions.review())
      .then(() => this.upstream.call("monitoring", "SetAlarmState", input, this.scope))
      .then(
        () => {},
        (error) => console.error(`setting ${alarm.name} to ${state} failed:`, error),
      );
    return watched.sending;
  }

  async #fetched({ namespace, name, dimensions }: MetricId, from: number, to: number): Promise<Point[]> {
    const input = {
      Namespace: namespace,
      MetricName: name,
      Dimensions: Object.entries(dimensions).map(([Name, Value]) => ({ Name, Value })),
      StartTime: from / 1_000,
      EndTime: to / 1_000 + 1,
      Period: 1,
      Statistics: ["SampleCount", "Sum", "Minimum", "Maximum"],
    };
    const { Datapoints } = await this.upstream.call("monitoring", "GetMetricStatistics", input, this.scope);
    return listOf(Datapoints).map((point) => ({
      at: Number(point.Timestamp) * 1_000,
      count: Number(point.SampleCount),
      sum: Number(point.Sum),
      min: Number(point.Minimum),
      max: Number(point.Maximum),
      unit: String(point.Unit),
      fine: true,
    }));
  }
}

const SECOND = 1_000;
/** So many seconds have to be good: what was counted before may still be published in the first of them. */
const WELL = 2;

/** From when on all that an alarm's metrics had was good, second by second; undefined where that is too little yet. */
function wellFrom(alarm: Alarm, since: number, now: number, read: ReadPoints): number | undefined {
  const spans = Array.from({ length: Math.floor((now - since) / SECOND) }, (_, index) => ({
    from: since + index * SECOND,
    to: since + (index + 1) * SECOND,
  }));
  const breaches = (value: number) => COMPARISONS[alarm.comparison]?.(value, alarm.threshold) ?? true;
  const values = valuesOf(alarm.watched, alarm.queries, spans, false, read);
  const first = values.findLastIndex((value) => value !== undefined && breaches(value)) + 1;
  const good = values.slice(first).filter((value) => value !== undefined);
  return good.length < WELL ? undefined : spans[first]?.from;
}

/** How far back an alarm looks, in milliseconds. */
function span(alarm: Alarm): number {
  return rangeOf(alarm, 0).length * alarm.period;
}

function reason(alarm: Alarm, data: readonly (number | undefined)[], state: State): string {
  if (state === "INSUFFICIENT_DATA") return "Insufficient Data: no datapoints were received.";
  const real = data.filter((datum) => datum !== undefined).slice(-alarm.evaluationPeriods);
  const missing = alarm.evaluationPeriods - real.length;
  const treated = missing > 0 ? `, and ${missing} missing treated as ${alarm.treatMissingData}` : "";
  return `Threshold Crossed: the last ${real.length} datapoints [${real.join(", ")}]${treated}: ${alarm.comparison} ${alarm.threshold} for ${alarm.datapointsToAlarm} of ${alarm.evaluationPeriods}: ${state}`;
}
