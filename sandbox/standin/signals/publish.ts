import { type MetricId, metricKey } from "../../../src/aws/metricId";
import type { Emulator } from "../../aws/emulated";
import { UNNAMED_ACCOUNT } from "../../aws/front/call";
import { PUBLISH, PUBLISHED_MS, type Publication } from "../../aws/front/services/cloudwatch/service";
import { repeat } from "../../host/repeat";
import type { Published, Way } from "./values";

/** Publishes metrics in the place of an app, as long as the world is open. */
export interface SignalPublisher {
  /** From now on its metrics are bad in this way. */
  instead(way: Pick<Way, "kind" | "always" | "published" | "metrics">): Promise<void>;
  /** Publishes the first values again, as if there had been no others. */
  calm(): Promise<void>;
  stop(): Promise<void>;
}

export interface PublisherOptions extends Emulator {
  /** What is published while nothing is wrong. */
  readonly good: readonly Published[];
  /** Whether a metric is published at all while nothing is wrong with it; an app may do that itself. Default: each is. */
  readonly bring?: (metric: MetricId) => boolean;
}

/** Begins at once. What cannot be sent is not: the next second's data are what matters then. */
export function startPublisher({
  endpoint,
  region,
  good,
  bring = () => true,
}: PublisherOptions): SignalPublisher {
  let instead: Pick<Way, "kind" | "always" | "published" | "metrics"> | undefined;
  const began = Date.now();
  let since = began;
  const send = async (
    published: readonly Published[],
    { since, signal }: { readonly since?: number; readonly signal?: AbortSignal } = {},
  ) => {
    const data = published.map((one) => ({
      ...one,
      metric: { ...one.metric, dimensions: one.metric.dimensions ?? {} },
    }));
    const publication: Publication = {
      scope: { accessKey: UNNAMED_ACCOUNT, region },
      data,
      ...(since === undefined ? {} : { since }),
    };
    const answer = await fetch(`${endpoint}/_front/${PUBLISH}`, {
      method: "POST",
      body: JSON.stringify(publication),
      ...(signal && { signal }),
    });
    if (!answer.ok) throw new Error(`publishing metrics was answered ${answer.status}`);
  };
  const ours = good.filter(({ metric }) => bring(metric));
  const loop = repeat({ pauseMs: PUBLISHED_MS }, (signal) => {
    const replaced = new Set(instead?.metrics.map(metricKey));
    // A burst is over once it came: what is good goes on beside it, and changes no sum.
    const still =
      instead?.kind === "burst" ? ours : ours.filter(({ metric }) => !replaced.has(metricKey(metric)));
    return send([...still, ...(instead?.kind === "level" ? instead.published : [])], { signal });
  });
  return {
    async instead(way) {
      since = way.always ? began : Date.now();
      instead = way;
      const bad =
        way.kind === "silence"
          ? way.metrics.map((metric) => ({ metric, value: 0, samples: 0 }))
          : way.published;
      await send(bad, way.always ? { since } : {});
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
