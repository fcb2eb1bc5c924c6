import { join } from "node:path";
import type { PostgresConnection } from "../../sandbox";
import { declaredPlace, providerPlace } from "../../sandbox/postgres/reach";
import { standInFor } from "../../sandbox/webhook/tools";
import { bucketOf } from "../../src/gates/dumps/address";
import type { BackupConfig } from "../../src/rollout/config/backup";
import type { Rollout } from "../../src/rollout/rollout";
import type { Overlay } from "./project";

/** Where a rollout's stacks find things on this machine. */
export interface Here {
  readonly postgres: PostgresConnection;
  /** Where the pooler before it listens. */
  readonly poolerPort: number;
  readonly webhook: { readonly url: string };
  /** The sandbox's folder. */
  readonly dir: string;
  /** What is laid over its deliveries: where their platforms are. Absent where it has none. */
  readonly deliveries?: Overlay | undefined;
  /** How much faster declared durations pass than the clock. */
  readonly timeScale: number;
}

/** What is laid over the config of one of a rollout's stacks. Everything else is what the stack files say. */
export function overlayOf(rollout: Rollout, stack: string, here: Here): Overlay {
  const [first] = rollout.stages;
  const { snapshot } = rollout.stages.find(({ name }) => name === stack) ?? {};
  return {
    "cutover:timeScale": here.timeScale,
    ...(stack === first.name ? foundation(rollout, here) : {}),
    ...(snapshot && rollout.database
      ? { "cutover:stage": { snapshot: { reachedAs: reachedHere(here) } } }
      : {}),
  };
}

function foundation(
  { database, backup, channels = {} }: Rollout,
  { dir, postgres, poolerPort, webhook, deliveries }: Here,
): Overlay {
  const deliver = (path: string) => [{ protocol: "http", endpoint: `${webhook.url}/${path}` }];
  const told = Object.entries(channels).flatMap(([name, { kind }]) => {
    const { url } = standInFor(kind, webhook);
    return url === undefined ? [] : [[name, { url }] as const];
  });
  const provider = {
    ...providerPlace(postgres),
    username: postgres.admin.user,
    superuser: false,
    database: postgres.database,
  };
  return {
    ...(database && keysOf("postgresql", provider)),
    "cutover:rollout": {
      ...(database && { database: { ...declaredPlace(postgres), port: poolerPort } }),
      ...(backup && dumpsHere(backup, { dir }) !== backup.dumps
        ? { backup: { dumps: dumpsHere(backup, { dir }) } }
        : {}),
      ...(deliveries && { delivery: deliveries }),
      ...(told.length > 0 ? { channels: Object.fromEntries(told) } : {}),
      topics: { onCall: deliver("on-call"), ops: deliver("ops"), stakeholders: deliver("stakeholders") },
    },
  };
}

/** Where a rollout's dumps lie here: a bucket is the emulator's already, and a folder is the sandbox's own. */
export function dumpsHere({ dumps }: BackupConfig, { dir }: Pick<Here, "dir">): string {
  return bucketOf(dumps) === undefined ? join(dir, "dumps") : dumps;
}

/** Settings as keys of a stack file. */
export const keysOf = (namespace: string, settings: object) =>
  Object.fromEntries(Object.entries(settings).map(([key, value]) => [`${namespace}:${key}`, value]));

/** Under which name gates reach the database, said as a user would who has a name of their own for it: see `snapshot.reachedAs`. */
export function reachedHere({ postgres }: Pick<Here, "postgres">): { host: string; because: string } {
  return {
    host: postgres.host,
    because: "the sandbox's PostgreSQL stands in for the emulator's database",
  };
}
