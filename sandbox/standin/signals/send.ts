import type { Emulator } from "../../aws/emulated";
import { UNNAMED_ACCOUNT } from "../../aws/front/call";
import { FETCHED_AGO } from "../../aws/front/services/appconfig/fetches";
import { type Mended, PUBLISH, type Publication, QUIET } from "../../aws/front/services/cloudwatch/service";
import { DATABASE_BEHIND } from "../../aws/front/services/rds/restoring";
import type { DatabaseServer } from "../../postgres/copies";
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
  await control({ endpoint }, PUBLISH, publication, signal);
}

/**
 * Says that what made alarms ring is mended: each is quiet once what its metrics have is good for some seconds, without its
 * period being over.
 *
 * @param since when it was mended, ms since the epoch
 */
export function quietAlarms({ endpoint, region }: Emulator, since: number): Promise<void> {
  const mended: Mended = { scope: { accessKey: UNNAMED_ACCOUNT, region }, since };
  return control({ endpoint }, QUIET, mended);
}

/** Says that so many ms have passed since anybody fetched a configuration of AppConfig. Throws where that cannot be said. */
export function fetchedAgo({ endpoint }: Pick<Emulator, "endpoint">, ms: number): Promise<void> {
  return control({ endpoint }, FETCHED_AGO, { ms });
}

/** Says which PostgreSQL stands behind the databases of RDS. Throws where that cannot be said. */
export function databaseBehind(
  { endpoint }: Pick<Emulator, "endpoint">,
  { host, port, database, user, password, ssl: { ca }, disk }: DatabaseServer,
): Promise<void> {
  const server: DatabaseServer = { host, port, database, user, password, ssl: { ca }, disk };
  return control({ endpoint }, DATABASE_BEHIND, server);
}

async function control(
  { endpoint }: Pick<Emulator, "endpoint">,
  name: string,
  body: unknown,
  signal?: AbortSignal,
): Promise<void> {
  const answer = await fetch(`${endpoint}/_front/${name}`, {
    method: "POST",
    body: JSON.stringify(body),
    ...(signal && { signal }),
  });
  if (!answer.ok) throw new Error(`the sandbox's AWS answered ${answer.status} to ${name}`);
}
