import { type MetricId, metricKey } from "../../../src/aws/metricId";
import type { Emulator } from "../../aws/emulated";
import { PUBLISHED_MS } from "../../aws/front/services/cloudwatch/service";
import { repeat } from "../../host/repeat";
import { sendMetrics } from "./send";
import type { Published } from "./values";
import type { Way } from "./ways";

type Turned = Pick<Way, "kind" | "always" | "lasted" | "published" | "metrics">;

/** Publishes metrics in the place of an app, as long as the world is open. */
export interface SignalPublisher {
  /** From now on its metrics are bad in this way. */
  instead(way: Turned): Promise<void>;
  /** Publishes the first values again, as if there had been no others. */
  calm(): Promise<void>;
  stop(): Promise<void>;
}

export interface PublisherOptions extends Emulator {
  /** What is published while nothing is wrong. */
  readonly good: readonly Published[];
  /** Whether a metric is published at all while nothing is wrong with it; an app may do that itself. Default: each is. */
  readonly bring?: (metric: MetricId) => boolean;
  /** How long it was published already, in ms: an alarm over several periods takes those before for silence. Default: 0. */
  readonly reach?: number;
}

/** Begins at once. What cannot be sent is not: the next second's data are what matters then. */
export function startPublisher({
  good,
  bring = () => true,
  reach = 0,
  ...aws
}: PublisherOptions): SignalPublisher {
  let instead: Turned | undefined;
  const began = Date.now();
  let since = began;
  const send = (published: readonly Published[], sending: Parameters<typeof sendMetrics>[2] = {}) =>
    sendMetrics(aws, published, sending);
  const ours = good.filter(({ metric }) => bring(metric));
  let reached = reach === 0;
  const loop = repeat({ pauseMs: PUBLISHED_MS }, async (signal) => {
    if (!reached && !instead) {
      await send(ours, { since: began - reach, signal });
      reached = true;
      return;
    }
    const replaced = new Set(instead?.metrics.map(metricKey));
    // A burst is over once it came: what is good goes on beside it, and changes no sum.
    const still =
      instead?.kind === "burst" ? ours : ours.filter(({ metric }) => !replaced.has(metricKey(metric)));
    await send([...still, ...(instead?.kind === "level" ? instead.published : [])], { signal });
  });
  return {
    async instead(way) {
      const lasting = way.always || way.lasted !== undefined;
      // What comes within this very millisecond is taken away with the rest, too.
      since = way.always ? began : Date.now() - 1 - (way.lasted ?? 0);
      instead = way;
      const bad =
        way.kind === "silence"
          ? way.metrics.map((metric) => ({ metric, value: 0, samples: 0 }))
          : way.published;
      await send(bad, lasting ? { since } : {});
    },
    async calm() {
      const turned = new Set(instead?.metrics.map(metricKey));
      instead = undefined;
      const over = good.filter(({ metric }) => turned.has(metricKey(metric)));
      if (over.length > 0) await send(over, { since });
    },
    stop: () => loop.stop(),
  };
}
