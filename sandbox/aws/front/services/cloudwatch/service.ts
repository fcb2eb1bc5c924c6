import { alarmOf } from "../../alarms/definition";
import { STATES, type State } from "../../alarms/judge";
import { AlarmWatch, isOfAws } from "../../alarms/watch";
import { answer } from "../../answer";
import type { Call, Input, Scope } from "../../call";
import { metricsOf } from "../../metrics/queries";
import { metricOf, pointsOf } from "../../metrics/read";
import type { MetricId, Point } from "../../metrics/store";
import { listOf, type Service, textOf, type World } from "../../rule";
import { dimensionsKey, getMetricData, getMetricStatistics, listMetrics } from "./metrics";
import { CLOUDWATCH_RULES } from "./rules";

/** Where a rehearsal publishes metrics, below `/_front/`. */
export const PUBLISH = "metrics";
/** How often it publishes, in ms. */
export const PUBLISHED_MS = 1_000;

/** Where a rehearsal says, below `/_front/`, that what made alarms ring is mended. */
export const QUIET = "quiet";

/** Since when, in milliseconds of the epoch. */
export interface Mended {
  readonly scope: Scope;
  readonly since: number;
}

/** Metrics that a rehearsal publishes, each so many samples of one value; without samples, nothing. */
export interface Publication {
  readonly scope: Scope;
  /** From then on these metrics had nothing but this, also for alarms with long periods. Milliseconds of the epoch. */
  readonly since?: number;
  readonly data: readonly { readonly metric: MetricId; readonly value: number; readonly samples: number }[];
}

/** What was counted of one metric. */
interface Counted {
  readonly metric: MetricId;
  readonly points: readonly Point[];
}

/** Counts of a minute that is not over: until then AWS tells nobody. */
interface Untold {
  readonly scope: Scope;
  readonly data: readonly Counted[];
  /** Milliseconds of the epoch. */
  readonly due: number;
}

const MINUTE_MS = 60_000;

/** CloudWatch as the front knows it, and the alarms that it watches. */
export interface CloudWatchService extends Service {
  /** Takes what a service of AWS counts by itself, such as a metric filter the lines of a log; it is told with its minute. */
  counted(scope: Scope, data: readonly Counted[], world: World): void;
  /** Evaluates the alarms whose time has come. */
  tick(world: World): Promise<void>;
}

/** CloudWatch: the front keeps the metrics and judges the alarms; the emulator keeps states and runs actions. */
export function cloudWatch(): CloudWatchService {
  const watches = new Map<string, AlarmWatch>();
  let untold: Untold[] = [];
  const watchOf = ({ accessKey, region }: Scope, { upstream }: World): AlarmWatch => {
    const key = `${accessKey}/${region}`;
    const watch = watches.get(key) ?? new AlarmWatch(upstream, { accessKey, region });
    watches.set(key, watch);
    return watch;
  };

  const putMetricData = async (call: Call, world: World) => {
    const watch = watchOf(call.scope, world);
    const now = world.now();
    const ids = listOf(call.input.MetricData).map((datum) => {
      const id = metricOf({ ...datum, Namespace: call.input.Namespace });
      watch.metrics.put(id, pointsOf(datum, now));
      return id;
    });
    await watch.published(ids, now);
    return answer(call, {});
  };

  /** What a rehearsal publishes: also as AWS itself does, in namespaces of its own, and in the place of all before it. */
  const publish = async (body: unknown, world: World) => {
    const { since, scope, data } = body as Publication;
    const watch = watchOf(scope, world);
    const now = world.now();
    for (const { metric, value, samples } of data) {
      if (since !== undefined) watch.metrics.cut(metric, since);
      if (samples === 0) continue;
      const point = {
        count: samples,
        sum: value * samples,
        min: value,
        max: value,
        unit: "None",
        fine: true,
      };
      for (let at = since ?? now; at < now; at += PUBLISHED_MS) watch.metrics.put(metric, [{ ...point, at }]);
      watch.metrics.put(metric, [{ ...point, at: now }]);
    }
    await watch.published(
      data.map(({ metric }) => metric),
      now,
    );
  };

  const putMetricAlarm = async (call: Call, world: World) => {
    const alarm = alarmOf(call.input);
    // The emulator judges an alarm on metrics of its own at once, and by no period would it: it leaves that to us.
    const unjudged = metricsOf(alarm.queries).some(isOfAws)
      ? { ...call.input, EvaluationPeriods: 0 }
      : call.input;
    const watch = watchOf(call.scope, world);
    await watch.actions.put("PutMetricAlarm", unjudged);
    await watch.put(alarm, world.now());
    return answer(call, {});
  };

  const putCompositeAlarm = async (call: Call, world: World) => {
    await watchOf(call.scope, world).actions.put("PutCompositeAlarm", call.input);
    return answer(call, {});
  };

  const setAlarmState = async (call: Call, world: World) => {
    const watch = watchOf(call.scope, world);
    await watch.actions.review();
    await world.upstream.call(call.service, call.operation, call.input, call.scope);
    const state = textOf(call.input.StateValue) as State;
    if (STATES.includes(state)) watch.set(String(call.input.AlarmName), state);
    return answer(call, {});
  };

  /** Asks the emulator, and puts back what it has left out of the alarms. */
  const describe = async (call: Call, world: World): Promise<Input> => {
    const said = await world.upstream.call(call.service, call.operation, call.input, call.scope);
    const watch = watchOf(call.scope, world);
    const mend = (shown: Input): Input => {
      const given = watch.get(String(shown.AlarmName))?.given;
      if (given === undefined) return shown;
      const plain = given.Statistic === undefined ? { Statistic: undefined } : {};
      const period = given.Metrics === undefined ? {} : { Period: undefined };
      return { ...shown, ...plain, ...period, ...definedIn(given) };
    };
    const mendComposite = (shown: Input): Input => ({
      ...shown,
      ...definedIn(watch.actions.get(String(shown.AlarmName)) ?? {}),
    });
    return dated({
      ...said,
      ...(said.MetricAlarms !== undefined && { MetricAlarms: listOf(said.MetricAlarms).map(mend) }),
      ...(said.CompositeAlarms !== undefined && {
        CompositeAlarms: listOf(said.CompositeAlarms).map(mendComposite),
      }),
    });
  };

  const describeForMetric = async (call: Call, world: World): Promise<Input> => {
    const said = await describe(call, world);
    const wanted = dimensionsKey(call.input.Dimensions);
    return {
      ...said,
      MetricAlarms: listOf(said.MetricAlarms).filter((alarm) => dimensionsKey(alarm.Dimensions) === wanted),
    };
  };

  const reads =
    (read: (call: Call, watch: AlarmWatch) => Promise<Input>) => async (call: Call, world: World) =>
      answer(call, await read(call, watchOf(call.scope, world)));
  /** The emulator's answers in JSON are whole; those in XML are not, or are no XML. */
  const retold = async (call: Call, world: World) =>
    answer(call, dated(await world.upstream.call(call.service, call.operation, call.input, call.scope)));

  return {
    name: "monitoring",
    reference: "https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_",
    rules: CLOUDWATCH_RULES,
    answers: {
      PutMetricData: putMetricData,
      PutMetricAlarm: putMetricAlarm,
      PutCompositeAlarm: putCompositeAlarm,
      SetAlarmState: setAlarmState,
      DescribeAlarms: async (call, world) => answer(call, await describe(call, world)),
      DescribeAlarmsForMetric: async (call, world) => answer(call, await describeForMetric(call, world)),
      DescribeAlarmHistory: retold,
      GetDashboard: retold,
      ListMetrics: reads(listMetrics),
      GetMetricData: reads(getMetricData),
      GetMetricStatistics: reads(getMetricStatistics),
    },
    mends: {
      PutMetricData:
        "keeps metrics exact as to dimensions, unit and resolution, and judges the alarms on them",
      PutMetricAlarm:
        "judges the alarm by its periods, M of N, missing data, dimensions and math; runs no action to a topic whose policy, or whose key's, does not admit CloudWatch",
      PutCompositeAlarm: "runs no action to such a topic",
      SetAlarmState: "asks anew which topics those are",
      DescribeAlarms: "says all that was put",
      DescribeAlarmsForMetric: "likewise, by the very dimensions",
      DescribeAlarmHistory: "says times as times",
      GetDashboard: "escapes the body",
      ListMetrics: "lists the front's metrics beside those that the emulator publishes",
      GetMetricData: "answers from the front's metrics, with math",
      GetMetricStatistics: "answers from the front's metrics, with percentiles",
    },
    notices: {
      DeleteAlarms: ({ input, scope }, world) =>
        watchOf(scope, world).delete(listOf<string>(input.AlarmNames)),
    },
    controls: {
      [PUBLISH]: publish,
      [QUIET]: async (body, world) => {
        const { scope, since } = body as Mended;
        await watchOf(scope, world).quiet(since, world.now());
      },
    },
    counted(scope, data, { now }) {
      untold.push({ scope, data, due: (Math.floor(now() / MINUTE_MS) + 1) * MINUTE_MS });
    },
    forget: () => {
      watches.clear();
      untold = [];
    },
    tick: async (world) => {
      const now = world.now();
      const due = untold.filter((one) => one.due <= now);
      untold = untold.filter((one) => one.due > now);
      for (const { scope, data } of due) {
        const watch = watchOf(scope, world);
        for (const { metric, points } of data) watch.metrics.put(metric, points);
        await watch.published(
          data.map(({ metric }) => metric),
          now,
        );
      }
      await Promise.all([...watches.values()].map((watch) => watch.tick(now)));
    },
  };
}

/** What a call that put an alarm said of it; but for what others may have changed since. */
const definedIn = ({ Tags: _tags, ActionsEnabled: _enabled, ...defined }: Input): Input => defined;

/** The emulator's JSON with times as Dates. */
function dated(value: Input): Input {
  return inner(value, "") as Input;
}

function inner(value: unknown, name: string): unknown {
  if (typeof value === "number" && /(Timestamp|LastModified)$/.test(name)) return new Date(value * 1_000);
  if (Array.isArray(value)) return value.map((item) => inner(item, name.replace(/s$/, "")));
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, inner(item, key)]));
}
