import type { Emulator } from "../../aws/emulated";
import { UNNAMED_ACCOUNT } from "../../aws/front/call";
import { PUBLISH, type Publication } from "../../aws/front/services/cloudwatch/service";
import type { Published } from "./values";

/** When something was published from, ms since the epoch, and what breaks it off. */
interface Sending {
  /** From then on its metrics had nothing but this. Left out: it is published now, beside what there was. */
  readonly since?: number;
  readonly signal?: AbortSignal;
}

/** Publishes metrics in a sandbox, also for times that are over. Throws where that cannot be sent. */
export async function sendMetrics(
  { endpoint, region }: Emulator,
  published: readonly Published[],
  { since, signal }: Sending = {},
): Promise<void> {
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
}
