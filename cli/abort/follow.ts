import { GetSecretValueCommand, SecretsManagerClient } from "@aws-sdk/client-secrets-manager";
import { askServer, type ServerReport } from "../../src/abort/drillServers";
import { type Differing, type FollowWorld, follow, followable } from "../../src/abort/follow";
import type { AbortOutcome } from "../../src/abort/request";
import { withClient } from "../../src/aws/clients";
import { linesSince } from "../../src/aws/logLines";
import type { Flags } from "../../src/flags/flags";
import { serverUrls } from "../../src/gates/askServers";
import { openSqlSource, type SqlSource } from "../../src/gates/database";
import { type GateLogin, reachedAs } from "../../src/gates/databaseConnection";
import type { Seen } from "../../src/gates/observation";
import { fillIn } from "../../src/gates/placeholders";
import { loginOf } from "../../src/probe/login";
import { type AwayHere, awayHere } from "../../src/promotion/awayHere";
import { toReconcile } from "../../src/rollout/byHand";
import { iamLoginOf } from "../../src/rollout/gateLogin";
import { loadRollout } from "../../src/rollout/load";
import type { Rollout } from "../../src/rollout/rollout";
import { addressed } from "../../src/text/command";
import { reasonOf } from "../../src/text/problem";
import { placeOf } from "../locate";

/** Between two looks at servers or at the database. */
const PAUSE_MS = 2_000;
const QUERY_TIMEOUT = "10s";

export interface FollowOptions {
  readonly rollout: string;
  readonly region: string;
  /** The lowered flags. */
  readonly flags: Flags;
  /** The folder with the stack files. */
  readonly folder: string;
  readonly print: (line: string) => void;
  readonly pause?: number | undefined;
  /** Waits for servers alone: an irreversible stage keeps what the rest would wait for. */
  readonly serversAlone?: boolean | undefined;
}

/** Follows what an abort did; says so at once where there is nothing to follow. Never throws. */
export async function followOutcome(
  outcome: AbortOutcome,
  options: Omit<FollowOptions, "flags" | "serversAlone">,
): Promise<void> {
  const { after, kept } = outcome;
  if (!after) return;
  const what = followable(outcome);
  if (what === "nothing") return options.print(`Nothing to follow: no flag went down. ${kept}`);
  if (what === "servers")
    options.print(`Servers alone are followed, since not every flag went down. ${kept}`);
  await followAbort({ ...options, flags: after, serversAlone: what === "servers" });
}

/**
 * What follows an abort, as far as the stack files and the gate role's login in Secrets Manager allow. Never throws:
 * the flags are down, and stay down whatever becomes of this.
 */
async function followAbort(options: FollowOptions): Promise<void> {
  const { rollout: name, flags, folder, print, pause = PAUSE_MS, serversAlone } = options;
  let rollout: Rollout;
  try {
    rollout = loadRollout(folder);
    if (rollout.name !== name) throw new Error(`they are those of ${rollout.name}`);
  } catch (error) {
    print(
      `Not followed: the stack files of ${name} cannot be read (${reasonOf(error)})${serversAlone ? "" : ". The flags are down"}`,
    );
    return;
  }
  // What lies in a private network, the rollout's own function there asks.
  const away = awayHere(rollout, options.region);
  const database = new Database(rollout, options.region, away);
  const { servers } = rollout;
  // When servers had been waited for: from then on what the app logs is of the lowered flags.
  let since: number | undefined;
  const world: FollowWorld = {
    servers: async () => (servers ? (away?.told("flags") ?? asked(servers, options.region)) : []),
    logged: (logs) => {
      since ??= Date.now();
      return linesSince(options.region, logs, since);
    },
    count: () => database.count(),
    differences: () => database.differences(),
    print,
    pause,
    now: () => performance.now(),
  };
  try {
    const after = serversAlone ? undefined : afterOf(rollout, folder);
    await follow({ flags, after, region: options.region }, world);
  } finally {
    await database.close();
  }
}

/** What is declared, with the commands in it written out for whoever reads them here. */
function afterOf({ name, afterAbort }: Rollout, folder: string): Rollout["afterAbort"] {
  const place = placeOf(name, folder);
  return afterAbort && { ...afterAbort, lookAt: afterAbort.lookAt.map((line) => addressed(line, place)) };
}

/** What each server says of its flags, asked from here. */
async function asked(servers: NonNullable<Rollout["servers"]>, region: string): Promise<ServerReport[]> {
  const urls = await serverUrls(servers, region);
  return Promise.all(urls.map((url) => askServer(url, servers)));
}

/** The rollout's database as the gate role reaches it; opened at the first question, and anew after a failure. */
class Database {
  private source: SqlSource | undefined;
  /** When servers had been waited for: what began after it began with the lowered flags. */
  private down: string | undefined;

  constructor(
    private readonly rollout: Rollout,
    private readonly region: string,
    private readonly away: AwayHere | undefined,
  ) {}

  async count(): Promise<Seen> {
    const { inFlight } = this.rollout.afterAbort ?? {};
    if (!inFlight) throw new Error("no query is declared");
    this.down ??= new Date().toISOString();
    const given = { ...this.rollout.parameters, down: this.down };
    return this.ask(
      inFlight.query,
      inFlight.values.map((value) => fillIn(value, given)),
    );
  }

  /** Of every stage that compares sources: which of them came down, nobody has to know. */
  async differences(): Promise<Differing[]> {
    const all = this.rollout.stages.flatMap((stage) => toReconcile(this.rollout, stage));
    const found: Differing[] = [];
    // One after the other: each first question would open the database anew, and only the last one be closed.
    for (const { title, query, differing: line } of all)
      found.push({ title, line, seen: await this.ask(`select count(*) from (${query}) d`, []) });
    return found;
  }

  private async ask(query: string, values: (string | number | boolean)[]): Promise<Seen> {
    if (this.away) return this.away.count(query, values, QUERY_TIMEOUT);
    this.source ??= await this.open();
    return this.source.observe({ query, values, timeout: QUERY_TIMEOUT });
  }

  async close(): Promise<void> {
    await this.source?.close().catch(() => {});
  }

  private async open(): Promise<SqlSource> {
    const { database } = this.rollout;
    if (!database) throw new Error("the rollout declares no database");
    return openSqlSource({ ...reachedAs(database), ...(await this.login()) });
  }

  private async login(): Promise<GateLogin> {
    const iam = iamLoginOf(this.rollout, this.region);
    return iam ?? loginOf(await this.secret());
  }

  private async secret(): Promise<string> {
    const asked = new GetSecretValueCommand({ SecretId: `cutover/${this.rollout.name}/gate` });
    const answer = await withClient(SecretsManagerClient, { region: this.region }, (client) =>
      client.send(asked),
    );
    return answer.SecretString ?? "";
  }
}
