import { putMetricData, type Sink } from "../../../kit/node/src";
import { log } from "./log";
import type { ServerSettings } from "./settings";

/** Where a server's signals go, and how often. */
export interface Published {
  readonly sink: Sink;
  readonly periodMs?: number;
  readonly log?: (message: string) => void;
}

/** A server's signals go to CloudWatch, as its settings say. */
export function published({
  METRICS_NAMESPACE,
  METRICS_INTERVAL_MS,
}: Pick<ServerSettings, "METRICS_NAMESPACE" | "METRICS_INTERVAL_MS">): Published {
  return { sink: putMetricData({ namespace: METRICS_NAMESPACE }), periodMs: METRICS_INTERVAL_MS, log };
}
