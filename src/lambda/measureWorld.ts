import { GetSecretValueCommand, SecretsManagerClient } from "@aws-sdk/client-secrets-manager";
import { withClient } from "../aws/clients";
import { failed } from "../aws/failure";
import { openSqlSource } from "../gates/database";
import { type DatabaseConnection, secretsOfLogin } from "../gates/databaseConnection";
import { type Gate, kindOf } from "../gates/gate";
import type { Sources } from "../gates/look";
import type { Observation } from "../gates/observation";
import { askQueries } from "../imports/ask";
import type { QueryId } from "../imports/queries/query";
import { type MeasureSettings, placesHash } from "../measuring/places";
import { type Asked, type MeasureAnswer, MOST_BYTES, measureRequest } from "../measuring/protocol";
import { unlooked } from "../messages/summary";
import { loginOf } from "../probe/login";
import { observeWithin } from "../promotion/measure";
import { checkTimeScale } from "../rollout/config/timeScale";
import { sha256 } from "../text/digest";
import { reasonOf } from "../text/problem";
import { secretsOut } from "../text/redact";
import { within } from "../text/within";
import { inTime } from "./inTime";
import { askServers } from "./measureServers";

/** What Lambda tells a function of its own call. */
export interface MeasureContext {
  getRemainingTimeInMillis(): number;
}

/** How long before its time is over the function gives up on gates, so that it can still say what it saw. */
const LEFT_MS = 2_000;
/** How long connections may take to close once everything is seen. */
const CLOSE_MS = 500;
/** What the answer holds beside what was seen, at most. */
const AROUND_BYTES = 4_096;

type AskedGates = Extract<Asked, { kind: "gates" }>;
type Result = MeasureAnswer["result"];

/**
 * Answers one request. It looks only where the request is for this rollout, and from a program of the same code and
 * places; whatever it was asked, it reaches what its settings name, and nothing else. Never throws, and logs nothing of
 * what it is sent.
 *
 * @param code SHA-256 of the code that runs
 */
export async function respond(
  event: unknown,
  settings: MeasureSettings,
  code: string,
  context: MeasureContext,
): Promise<MeasureAnswer> {
  const began = new Date().toISOString();
  const places = placesHash(settings.places);
  const result = await answer(event, settings, { code, places }, context).catch(
    (error: unknown): Result => ({ refused: reasonOf(error).slice(0, 500) }),
  );
  return {
    cutover: 1,
    nonce: String((event as { nonce?: unknown } | null)?.nonce ?? "").slice(0, 64),
    request: sha256(JSON.stringify(event) ?? ""),
    rollout: settings.rollout,
    code,
    places,
    began,
    ended: new Date().toISOString(),
    result,
  };
}

async function answer(
  event: unknown,
  settings: MeasureSettings,
  own: { readonly code: string; readonly places: string },
  context: MeasureContext,
): Promise<Result> {
  const parsed = measureRequest.safeParse(event);
  if (!parsed.success) return { refused: "the request is none that this version of cutover understands" };
  const { rollout, code, places, asked } = parsed.data;
  if (rollout !== settings.rollout) return { refused: `it is for the rollout ${rollout.slice(0, 64)}` };
  if (code !== own.code || places !== own.places)
    return { refused: "it is from a program of another version, or of other stack files" };
  const seen = await look(asked, settings, context);
  const size = Buffer.byteLength(JSON.stringify(seen)) + AROUND_BYTES;
  if (size > MOST_BYTES)
    return {
      refused: `what was seen has ${size} bytes, and Lambda carries ${MOST_BYTES}: declare fewer gates`,
    };
  return { seen };
}

async function look(asked: Asked, settings: MeasureSettings, context: MeasureContext): Promise<unknown[]> {
  switch (asked.kind) {
    case "nothing":
      return [];
    case "gates":
      return lookAtGates(asked, settings, context);
    case "imports":
      return askImports(asked, settings);
    case "servers":
      return askServers(asked, settings);
  }
}

async function lookAtGates(
  asked: AskedGates,
  settings: MeasureSettings,
  context: MeasureContext,
): Promise<Observation[]> {
  const { gates } = asked;
  const database = gates.some(readsDatabase) ? await databaseOf(settings) : undefined;
  const unread = database !== undefined && "failure" in database ? database : undefined;
  const sources = sourcesOf(
    asked,
    settings,
    unread ? undefined : (database as DatabaseConnection | undefined),
  );
  const sql = sources.database && openSqlSource(sources.database);
  const limit = Math.max(0, context.getRemainingTimeInMillis() - LEFT_MS);
  try {
    return await Promise.all(
      gates.map((gate) => {
        if (!kindOf(gate.definition).inNetwork)
          return unlooked(gate, failed("refused", "the measuring function does not look at it"), Date.now());
        if (unread && readsDatabase(gate))
          return unlooked(gate, failed("unanswered", unread.failure), Date.now());
        return inTime(gate, observeWithin(gate, sources, sql), limit);
      }),
    );
  } finally {
    // A statement that hangs keeps its connection: what was seen is said without it.
    if (sql) await within(CLOSE_MS, sql.close());
  }
}

/** Whether a gate asks the database anything, whatever its kind. */
function readsDatabase({ definition }: Gate): boolean {
  return (kindOf(definition).queries?.(definition) ?? []).length > 0;
}

function sourcesOf(
  { liveSince, parameters, timeScale, acting, tokens }: AskedGates,
  { region, places }: MeasureSettings,
  database: DatabaseConnection | undefined,
): Sources {
  const entry = { deployment: 0, state: "complete", configurationVersion: "", flags: {} } as const;
  return {
    // Of the ledger, what is looked at here needs to know since when the flags are live.
    ledger: {
      ...(liveSince === null
        ? {}
        : { live: { ...entry, completedAt: liveSince, undeclared: [], doors: {} } }),
      history: [],
      newest: 0,
    },
    live: "",
    promoted: { name: "", signOffs: {} },
    parameters,
    // The rollout's own code does not run here.
    checks: {},
    database,
    service: places.service === undefined ? undefined : { url: places.service, tokens },
    elsewhere: places.sources && { sources: places.sources, tokens },
    servers: places.servers,
    region,
    // Checked here as well: scaled time must not reach a real account by any way.
    timeScale: checkTimeScale(timeScale, process.env, undefined),
    acting,
  };
}

async function askImports(
  { ids, since, until, olderThanMs }: Extract<Asked, { kind: "imports" }>,
  settings: MeasureSettings,
): Promise<unknown[]> {
  const { imports } = settings.places;
  const database = await databaseOf(settings);
  if (!imports || !database) throw new Error("the rollout maps no table of imports");
  if ("failure" in database) throw new Error(database.failure);
  try {
    return await askQueries(database, imports, { ids: ids as QueryId[], since, until, olderThanMs });
  } catch (error) {
    const said = secretsOut({ secrets: secretsOfLogin(database) })(reasonOf(error));
    throw new Error(`the database cannot be asked: ${said}`);
  }
}

/**
 * The database with the gate role's login, which is read anew each time: it may have been changed meanwhile. Undefined
 * where there is none; never throws.
 */
async function databaseOf({
  region,
  secretArn,
  iam,
  places: { database },
}: MeasureSettings): Promise<DatabaseConnection | { readonly failure: string } | undefined> {
  if (database && iam) return { ...database, ...iam };
  if (!database || secretArn === undefined) return undefined;
  const asked = new GetSecretValueCommand({ SecretId: secretArn });
  try {
    const answer = await withClient(SecretsManagerClient, { region }, (client) => client.send(asked));
    return { ...database, ...loginOf(answer.SecretString ?? "") };
  } catch (error) {
    return {
      failure: `the measuring function cannot read the gate role's login: ${reasonOf(error)}. Its subnets need a way to Secrets Manager: NAT, or the endpoint secretsmanager`,
    };
  }
}
