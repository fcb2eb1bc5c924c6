import { CloudWatchClient } from "@aws-sdk/client-cloudwatch";
import { awsClient, DATA_LIMITS } from "../../../src/aws/clients";
import { failed } from "../../../src/aws/failure";
import { hearing } from "../../../src/aws/hearing";
import { known } from "../../../src/aws/known";
import type { Ledger } from "../../../src/flags/ledger";
import { type DatabaseConnection, reachedAs } from "../../../src/gates/databaseConnection";
import { type Gate, kindOf } from "../../../src/gates/gate";
import type { Sources } from "../../../src/gates/look";
import type { Observation } from "../../../src/gates/observation";
import { administrator } from "../../../src/imports/administrator";
import { connectionOf, gateLogin } from "../../../src/promotion/foundationOutputs";
import { observe, withSql } from "../../../src/promotion/measure";
import { ownChecks } from "../../../src/rollout/ownChecks";
import type { Rollout } from "../../../src/rollout/rollout";
import { type Ground, must } from "../ground";
import { type GateFacts, type GateHere, gatesOf, heardBy, isAsked } from "../judge/gates";

/** Nothing was ever deployed. */
const NOTHING: Ledger = { history: [], newest: 0 };

const TOKEN = "cutover:token-";

type Tokens = Readonly<Record<string, string>>;

/** The gates' own login; undefined where the first stage is not up. */
export function connectionHere(
  rollout: Rollout,
  outputs: Readonly<Record<string, unknown>> | undefined,
): DatabaseConnection | undefined {
  return outputs && connectionOf(rollout, gateLogin.safeParse(outputs.gateLogin).data);
}

/**
 * Looks at every gate as its promotion would, each for as long as there is; what writes is not sent. Where there is no
 * gate role yet, the administrator asks in its place.
 */
export async function gateFacts(ground: Ground): Promise<GateFacts> {
  const { rollout, locate, timeScale } = ground.files;
  const gates = gatesOf(rollout);
  const [tokens, database, came] = await Promise.all([
    tokensOf(ground),
    askedAs(ground),
    ground.came().then(must),
  ]);
  const region = ground.region ?? "";
  const around = {
    ledger: came.ledger ?? NOTHING,
    parameters: rollout.parameters,
    checks: ownChecks(rollout, ground.folder),
    database,
    servers: rollout.servers,
    region,
    timeScale,
  };
  const away = rollout.measure !== undefined;
  const asked = gates.filter(({ gate }) => isAsked(gate) && !(away && kindOf(gate.definition).inNetwork));
  const { left } = ground;
  const [seen, heard] = await Promise.all([
    withSql({ database }, (sql) =>
      Promise.all(
        asked.map(async (here): Promise<[Gate, Observation["seen"]]> => {
          const live = here.gate.phase === "exit" ? here.gate.stage : (here.promoted.predecessor ?? "");
          const service = rollout.service && {
            url: rollout.service.url,
            tokens: tokens.get(here.promoted.name) ?? {},
          };
          return [
            here.gate,
            await lookAt(here, { ...around, live, promoted: here.promoted, service, sql }, left),
          ];
        }),
      ),
    ),
    hear(region, gates, left),
  ]);
  const { due } = came;
  const asks = database !== undefined;
  return {
    gates,
    seen: new Map(seen),
    hearing: heard,
    tokens,
    due,
    asks,
    away,
    now: Date.now(),
    timeScale,
    locate,
  };
}

async function lookAt({ gate }: GateHere, sources: Sources, left: number): Promise<Observation["seen"]> {
  const seen = await known(() => observe(gate, sources, sources.sql), left);
  return seen.ok ? seen.value.seen : failed("timeout", seen.why);
}

async function hear(region: string, gates: readonly GateHere[], left: number) {
  const client = awsClient(CloudWatchClient, { region }, DATA_LIMITS);
  try {
    const expected = gates.flatMap(({ gate }) => heardBy(gate));
    return await hearing(client, expected, Date.now(), (work) => known(work, left));
  } finally {
    client.destroy();
  }
}

/** Bearer tokens by role, of each stage's stack that could be read. */
async function tokensOf(ground: Ground): Promise<ReadonlyMap<string, Tokens>> {
  const stacks = await ground.stacks();
  const there = ground.files.rollout.stages.filter(({ name }) => stacks.ok && stacks.value.includes(name));
  const read = await Promise.all(
    there.map(async ({ name }): Promise<[string, Tokens][]> => {
      const config = await ground.config(name);
      if (!config.ok) return [];
      const own = Object.entries(config.value).filter(([key]) => key.startsWith(TOKEN));
      return [[name, Object.fromEntries(own.map(([key, value]) => [key.slice(TOKEN.length), value]))]];
    }),
  );
  return new Map(read.flat());
}

/** As whom gates ask the database now; undefined where nobody can. */
async function askedAs(ground: Ground): Promise<DatabaseConnection | undefined> {
  const { rollout } = ground.files;
  const { database } = rollout;
  if (!database) return undefined;
  const outputs = await ground.outputs();
  const own = connectionHere(rollout, outputs.ok ? outputs.value : undefined);
  if (own) return own;
  const config = await ground.config(rollout.stages[0].name);
  if (!config.ok) return undefined;
  const { user, password } = administrator(database, config.value, ground.env);
  return user === undefined || typeof password !== "string"
    ? undefined
    : { ...reachedAs(database), user, password };
}
