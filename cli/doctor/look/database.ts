import type pg from "pg";
import { type Known, known } from "../../../src/aws/known";
import { onOwnConnection } from "../../../src/gates/databaseClient";
import type { DatabaseConnection, GateLogin } from "../../../src/gates/databaseConnection";
import { databaseFailure } from "../../../src/gates/databaseFailure";
import { beginReading, clientOf } from "../../../src/gates/databaseSession";
import { type LoginReach, readReach } from "../../../src/gates/loginReach";
import { administrator } from "../../../src/imports/administrator";
import { checkMapping } from "../../../src/imports/checkMapping";
import { readCatalog } from "../../../src/imports/readCatalog";
import { slowSources } from "../../../src/probe/reconcile/plan";
import { reconciliations } from "../../../src/probe/reconcile/settings";
import { databaseProblems } from "../../../src/promotion/checkDatabase";
import type { DatabaseConfig } from "../../../src/rollout/config/database";
import { gateRoleOf } from "../../../src/rollout/gateLogin";
import type { Rollout } from "../../../src/rollout/rollout";
import type { Problem } from "../../../src/text/problem";
import type { AskedHere } from "../judge/asked";

/** What a statement was answered, where only its plan was asked for. */
export interface Planned extends AskedHere {
  /** Why it could not be run as it stands; absent where it could. */
  readonly failure?: ReturnType<typeof databaseFailure> | undefined;
  /** SQLSTATE of that. */
  readonly code?: string | undefined;
}

/** A sentence about what a stage compares. */
interface SlowHere {
  readonly stage: string;
  /** Its name under `reconcile`. */
  readonly of: string;
  readonly what: string;
}

/** What the administrator's session, or the gate role's, saw. */
export interface SeenDatabase {
  readonly user: string;
  /** PostgreSQL's own version. */
  readonly version: string;
  /** `TLSv1.3`, or undefined for a connection in the clear. */
  readonly tls?: string | undefined;
  /** Found by the administrator alone. */
  readonly problems: readonly Problem[];
  readonly planned: readonly Planned[];
  /** What is compared though no index leads where it is looked for. */
  readonly slow: readonly SlowHere[];
  /** What the gate role may do beside reading; absent of the administrator. */
  readonly reach?: LoginReach | undefined;
}

/** A statement may wait so long for a plan. Milliseconds. */
const STATEMENT_MS = 5_000;
const DOCTOR = "cutover-doctor";

/** How the provider reaches the database, and what stands in it; `no-password` where nobody said one. */
export async function seenByAdministrator(
  rollout: Rollout,
  database: DatabaseConfig,
  config: Readonly<Record<string, string>>,
  asked: readonly AskedHere[],
  {
    env,
    left,
    made,
  }: { readonly env: NodeJS.ProcessEnv; readonly left: number; readonly made: readonly string[] | undefined },
): Promise<Known<SeenDatabase> | "no-password"> {
  const as = administrator(database, config, env);
  if (as.password === undefined) return "no-password";
  return known(
    () =>
      inSession(as, database.schema, async (client) => ({
        problems: [
          ...(await databaseProblems(rollout, client, config, made)),
          ...(await mappingProblems(client, rollout, database, made ?? [])),
        ],
        planned: await planAll(client, asked, true),
        slow: await slowHere(client, rollout),
      })),
    left,
  );
}

/** The same as gates see it. */
export function seenByGates(
  rollout: Pick<Rollout, "stages">,
  connection: DatabaseConnection,
  asked: readonly AskedHere[],
  left: number,
): Promise<Known<SeenDatabase>> {
  return known(
    () =>
      inSession(
        clientOf(connection, DOCTOR),
        connection.schema,
        async (client) => ({
          problems: [],
          reach: await readReach(client),
          planned: await planAll(client, asked, false),
          slow: await slowHere(client, rollout),
        }),
        connection,
      ),
    left,
  );
}

/** Looks in a transaction that only reads, and is never committed. */
async function inSession(
  as: pg.ClientConfig,
  schema: string,
  look: (client: pg.Client) => Promise<Omit<SeenDatabase, "user" | "version" | "tls">>,
  login?: GateLogin,
): Promise<SeenDatabase> {
  return onOwnConnection({ ...as, application_name: DOCTOR }, async (client) => {
    await client.connect().catch((error: unknown) => {
      throw new Error(databaseFailure(error, `${as.user}\n${as.database}`, login).message);
    });
    // Of tables that the administrator looks into, a sample is enough; each plan says for itself what it is to see.
    await beginReading(client, { schema, timeoutMs: STATEMENT_MS, rowSecurity: true });
    const { rows } = await client.query<{ name: string; version: string }>(
      "select current_user::text as name, current_setting('server_version') as version",
    );
    const seen = await look(client);
    return { user: rows[0]?.name ?? "", version: rows[0]?.version ?? "", tls: protocolOf(client), ...seen };
  });
}

function protocolOf(client: pg.Client): string | undefined {
  const { stream } = (client as unknown as { connection: { stream: { getProtocol?(): string | null } } })
    .connection;
  return stream.getProtocol?.() ?? undefined;
}

async function mappingProblems(
  client: pg.Client,
  rollout: Rollout,
  { imports, schema }: DatabaseConfig,
  made: readonly string[],
): Promise<readonly Problem[]> {
  if (!imports) return [];
  const catalog = await readCatalog(client, imports, schema);
  return checkMapping(imports, schema, catalog, [gateRoleOf(rollout), ...made]).problems;
}

/**
 * Asks for the plan of each statement, and runs none: tables, columns, functions and the rights to all of them are
 * looked at when a plan is made and opened.
 *
 * @param filtered whether policies may hide rows; else a statement that one touches is refused, unless it is meant so
 */
async function planAll(
  client: pg.Client,
  asked: readonly AskedHere[],
  filtered: boolean,
): Promise<Planned[]> {
  const planned: Planned[] = [];
  for (const one of asked) {
    await client.query("savepoint one");
    try {
      const security = filtered || one.filtered ? "on" : "off";
      await client.query("select set_config('row_security', $1, true)", [security]);
      // With values the driver speaks the extended protocol, which takes one statement only.
      const values = one.values.map(() => null);
      await client.query({
        text: `explain (costs off) ${one.query}`,
        values,
        queryMode: "extended",
      } as never);
      planned.push(one);
    } catch (error) {
      const { code } = error as { code?: string };
      planned.push({ ...one, failure: databaseFailure(error, one.query), code });
      await client.query("rollback to savepoint one");
    }
  }
  return planned;
}

/** The plans by which sources are compared. Why one cannot be asked is told with the rows that go by it. */
async function slowHere(client: pg.Client, { stages }: Pick<Rollout, "stages">): Promise<SlowHere[]> {
  const slow: SlowHere[] = [];
  const asText = { getTypeParser: () => (value: string) => value };
  const rows = async (text: string, values: readonly unknown[]) =>
    (await client.query({ text, values: [...values], types: asText as never })).rows;
  for (const stage of stages) {
    for (const [of, settings] of Object.entries(reconciliations(stage))) {
      await client.query("savepoint one");
      const found = await slowSources({ rows }, settings).catch(() => undefined);
      if (found === undefined) await client.query("rollback to savepoint one");
      for (const what of found ?? []) slow.push({ stage: stage.name, of, what });
    }
  }
  return slow;
}
