import { setTimeout as sleep } from "node:timers/promises";
import { metricKey } from "../../../src/aws/metricId";
import { UNNAMED_ACCOUNT } from "../../aws/front/call";
import { PUBLISH, PUBLISHED_MS, type Publication } from "../../aws/front/services/cloudwatch/service";
import type { Published } from "./values";

/** Publishes metrics in the place of an app, as long as the world is open. */
export interface SignalPublisher {
  /** Publishes these from now on in the place of what was published of the same metrics, at once. */
  instead(bad: readonly Published[]): Promise<void>;
  /** Publishes the first values again, as if there had been no others. */
  calm(): Promise<void>;
  stop(): Promise<void>;
}

export interface PublisherOptions {
  readonly endpoint: string;
  readonly region: string;
  /** What is published while nothing is wrong. */
  readonly good: readonly Published[];
}

/** Begins at once. What cannot be sent is not: the next second's data are what matters then. */
export function startPublisher({ endpoint, region, good }: PublisherOptions): SignalPublisher {
  const ended = new AbortController();
  let instead: readonly Published[] = [];
  let since = Date.now();
  const send = async (published: readonly Published[], since?: number) => {
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
      signal: ended.signal,
    });
    if (!answer.ok) throw new Error(`publishing metrics was answered ${answer.status}`);
  };
  const publish = () => {
    const replaced = new Set(instead.map(({ metric }) => metricKey(metric)));
    return send([...good.filter(({ metric }) => !replaced.has(metricKey(metric))), ...instead]);
  };
  const loop = (async () => {
    while (!ended.signal.aborted) {
      await publish().catch(() => {});
      await sleep(PUBLISHED_MS, undefined, { signal: ended.signal }).catch(() => {});
    }
  })();
  return {
    async instead(bad) {
      since = Date.now();
      instead = bad;
      await publish();
    },
    async calm() {
      const turned = new Set(instead.map(({ metric }) => metricKey(metric)));
      instead = [];
      const over = good.filter(({ metric }) => turned.has(metricKey(metric)));
      if (over.length > 0) await send(over, since);
    },
    async stop() {
      ended.abort();
      await loop;
    },
  };
}
