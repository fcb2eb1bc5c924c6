import { CloudWatchClient } from "@aws-sdk/client-cloudwatch";
import { DATA_LIMITS, withClient } from "../../../src/aws/clients";
import { failed } from "../../../src/aws/failure";
import { hearing } from "../../../src/aws/hearing";
import { known } from "../../../src/aws/known";
import type { Ledger } from "../../../src/flags/ledger";
import { isAct } from "../../../src/gates/acts";
import { type DatabaseConnection, reachedAs } from "../../../src/gates/databaseConnection";
import type { Gate } from "../../../src/gates/gate";
import type { Sources } from "../../../src/gates/look";
import type { Observation } from "../../../src/gates/observation";
import { administrator } from "../../../src/imports/administrator";
import { connectionOf, gateLogin } from "../../../src/promotion/foundationOutputs";
import { observe, withSql } from "../../../src/promotion/measure";
import { missingTokens } from "../../../src/promotion/missingTokens";
import { ownChecks } from "../../../src/rollout/ownChecks";
import type { Rollout } from "../../../src/rollout/rollout";
import { type Ground, must } from "../ground";
import type { AwayFacts } from "../judge/away";
import { type GateFacts, type GateHere, gatesOf, heardBy, isAsked, isAway } from "../judge/gates";
import { awayOnce } from "./away";

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
  const gates = must(await gatesHere(ground));
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
  const asked = gates.filter(({ gate }) => isAsked(gate) && !(rollout.measure && isAway(gate)));
  const { left } = ground;
  const [seen, heard, away] = await Promise.all([
    withSql({ database }, (sql) =>
      Promise.all(
        asked.map(async (here): Promise<[Gate, Observation["seen"]]> => {
          const live = here.gate.phase === "exit" ? here.gate.stage : (here.promoted.predecessor ?? "");
          const service = rollout.service && {
            url: rollout.service.url,
            tokens: tokens.get(here.promoted.name) ?? {},
          };
          const elsewhere = rollout.sources && {
            sources: rollout.sources,
            tokens: tokens.get(here.promoted.name) ?? {},
          };
          return [
            here.gate,
            await lookAt(here, { ...around, live, promoted: here.promoted, service, elsewhere, sql }, left),
          ];
        }),
      ),
    ),
    hear(region, gates, left),
    awayFacts(ground),
  ]);
  const { due } = came;
  const asks = database !== undefined;
  return {
    gates,
    seen: new Map([...seen, ...(away?.kind === "answers" ? away.seen : [])]),
    hearing: heard,
    tokens,
    sources: rollout.sources,
    due,
    asks,
    away,
    now: Date.now(),
    timeScale,
    locate,
  };
}

/** Made once: what was seen is kept by the gate itself. */
const gatesHere = (ground: Ground) => ground.once("gates", async () => gatesOf(ground.files.rollout));

/** What the measuring function sees of gates and servers; undefined where the rollout declares none. */
export function awayFacts(ground: Ground): Promise<AwayFacts | undefined> {
  return awayOnce(ground, async () => {
    const { timeScale } = ground.files;
    const [tokens, came] = await Promise.all([tokensOf(ground), ground.came().then(must)]);
    const all = must(await gatesHere(ground));
    const gates = all.filter(({ gate, promoted }) =>
      isSent(gate, tokens.get(promoted.name), ground.files.rollout),
    );
    return { gates, tokens, ledger: came.ledger ?? NOTHING, timeScale };
  });
}

/** Nothing that writes, and nothing that lacks its tokens, which is told by itself. */
function isSent(gate: Gate, tokens: Tokens | undefined, { sources }: Pick<Rollout, "sources">): boolean {
  return !isAct(gate) && missingTokens([gate], tokens ?? {}, sources).length === 0;
}

async function lookAt({ gate }: GateHere, sources: Sources, left: number): Promise<Observation["seen"]> {
  const seen = await known(() => observe(gate, sources, sources.sql), left);
  return seen.ok ? seen.value.seen : failed("timeout", seen.why);
}

function hear(region: string, gates: readonly GateHere[], left: number) {
  return withClient(CloudWatchClient, { region, limits: DATA_LIMITS }, (client) => {
    const expected = gates.flatMap(({ gate }) => heardBy(gate));
    return hearing(client, expected, Date.now(), (work) => known(work, left));
  });
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
    : // Whoever named the administrator named a tenant with it.
      { ...reachedAs({ ...database, login: undefined }), user, password };
}
