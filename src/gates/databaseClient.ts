import pg from "pg";

/**
 * A client that tells a server nothing of the environment that it runs in. The driver sends what `PGOPTIONS` and
 * `PGREPLICATION` say wherever a config does not: a pooler refuses that, and a server would let it decide how a gate is
 * measured. What is in a config, and what `connecting` adds to it, is all that is sent.
 *
 * Source: `pg` 8.23.1, lib/connection-parameters.js.
 */
export class OwnConnection extends pg.Client {
  constructor(config?: pg.ClientConfig) {
    // As it was given: of a pool's config the password cannot be copied.
    super(config);
    const own = this as unknown as Sent;
    own.connectionParameters.options = undefined;
    own.connectionParameters.replication = undefined;
    own.replication = undefined;
  }
}

/**
 * Works on a connection of its own, which `work` opens, and ends it whatever comes of it. One that is lost meanwhile fails
 * the next question; by itself it ends no program.
 */
export async function onOwnConnection<T>(
  config: pg.ClientConfig,
  work: (client: OwnConnection) => Promise<T>,
): Promise<T> {
  const client = new OwnConnection(config);
  client.on("error", () => {});
  try {
    return await work(client);
  } finally {
    await client.end().catch(() => {});
  }
}

/** What the driver keeps of the environment. */
interface Sent {
  replication: unknown;
  connectionParameters: { options: unknown; replication: unknown };
}
