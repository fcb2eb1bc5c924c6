import { cpSync, mkdirSync, readdirSync, realpathSync, rmSync, symlinkSync } from "node:fs";
import { delimiter, dirname, join } from "node:path";
import { KMS } from "@aws-sdk/client-kms";
import pg from "pg";
import { startWebhook, type Webhook } from "../../cli/rehearse/webhook";
import { overlayOf } from "../../cli/sandbox/overlay";
import { type Overlay, SandboxProject } from "../../cli/sandbox/project";
import {
  leftSandboxes,
  openSandbox,
  type PostgresConnection,
  type Sandbox,
  silentProgress,
  stopSandbox,
} from "../../sandbox";
import { declareBuckets } from "../../sandbox/aws/buckets";
import { emulated } from "../../sandbox/aws/emulated";
import { declareDatabases } from "../../sandbox/aws/rds";
import { migrate } from "../../sandbox/demo/ops-view/migrate";
import { seed } from "../../sandbox/demo/ops-view/seed";
import { createTables } from "../../sandbox/demo/v2-pipeline/store";
import { clientPrograms } from "../../sandbox/postgres/programs";
import { openPool } from "../../sandbox/postgres/reach";
import { PROGRAMS_FOLDER } from "../../src/backups/programs";
import { loadRollout } from "../../src/rollout/load";
import { METRICS, publishOnce } from "../engine/publish";
import { reduce } from "../engine/reduced";
import { PROJECT } from "./page";
import { type FlagServer, REPORT, startFlagServer } from "./server";
import { Shell } from "./shell";

/** The region that the pages name. */
const REGION = "eu-central-1";
/** Where the rollout `v2-pipeline` is in a checkout. */
const PIPELINE = join("rollouts", "v2-pipeline");
/** What a checkout has that no page needs, or that is another's. */
const LEFT_OUT = /^(\.git|\.cutover|node_modules|test)$/;
/** The login of the pages that may make the gate role. It is no superuser, as on RDS. */
const ADMIN = { user: "admin", password: "made-up-for-a-test" } as const;

/** What a reader's shell is set to before a page begins. */
export interface Setting {
  /** Where AWS is asked; absent where the page says so itself. */
  readonly region?: string;
  /** Absent where the page says so itself. */
  readonly passphrase?: string;
}

/**
 * Where pages are followed: a checkout, an AWS, a PostgreSQL, a server that takes its flags from AppConfig, and whoever
 * topics deliver to. Opened once; each chapter begins in one where nothing has happened yet.
 */
export class World {
  readonly checkout: string;
  server!: FlagServer;
  #chapter = 0;
  #pool: pg.Pool | undefined;

  private constructor(
    readonly sandbox: Sandbox,
    readonly webhook: Webhook,
    private readonly admin: pg.Pool,
    /** The folder with PostgreSQL's own programs. */
    private readonly programs: string,
  ) {
    this.checkout = join(sandbox.dir, "checkout");
  }

  static async open(): Promise<World> {
    // It resolves what carries no signature there alone, such as the confirmation of a subscription.
    process.env.MINISTACK_REGION = REGION;
    const opened = await openSandbox({ progress: silentProgress });
    const sandbox = { ...opened, aws: { ...opened.aws, region: REGION } };
    const admin = openPool(sandbox.postgres, 2);
    await admin.query(`create role ${ADMIN.user} login createrole createdb password '${ADMIN.password}'`);
    const world = new World(sandbox, await startWebhook(), admin, await clientPrograms());
    for (const name of readdirSync(PROJECT).filter((one) => !LEFT_OUT.test(one)))
      cpSync(join(PROJECT, name), join(world.checkout, name), { recursive: true });
    symlinkSync(realpathSync(join(PROJECT, "node_modules")), join(world.checkout, "node_modules"));
    return world;
  }

  /** The database of this chapter, as the login that may make the gate role. */
  get postgres(): PostgresConnection {
    return { ...this.sandbox.postgres, ...ADMIN, admin: ADMIN, database: `chapter_${this.#chapter}` };
  }

  get backend(): string {
    return `file://${join(this.sandbox.dir, `state-${this.#chapter}`)}`;
  }

  get #temp(): string {
    return join(this.sandbox.dir, "tmp");
  }

  /**
   * Forgets all that happened, and writes the stack files of both rollouts anew: as they are shipped, but for where
   * things are on this machine, and for rows that need an app with users.
   *
   * @param timeScale how much faster declared durations pass than the clock
   */
  async begin(rollout: string, timeScale: number): Promise<void> {
    await this.#end();
    this.#chapter += 1;
    const { sandbox } = this;
    await sandbox.resetAws();
    await declareDatabases(sandbox.aws, [{ instance: "ops-db" }]);
    await declareBuckets(sandbox.aws, ["ops-backups"]);
    await publishOnce(sandbox, METRICS);
    await this.#declareKey();
    await this.#fillDatabase();
    mkdirSync(this.backend.replace("file://", ""));
    this.server = await startFlagServer(rollout, emulated(sandbox.aws));
    rmSync(join(this.checkout, "rollouts"), { recursive: true });
    cpSync(join(PROJECT, "rollouts"), join(this.checkout, "rollouts"), { recursive: true });
    await this.#writeFiles("", timeScale);
    await this.#writeFiles(PIPELINE, timeScale);
  }

  /** A shell that begins in the checkout, and knows no more of the sandbox than a reader's knows of their account. */
  shell({ region, passphrase }: Setting): Shell {
    const { dir, engine, env } = this.sandbox;
    mkdirSync(this.#temp, { recursive: true });
    const kept = Object.entries(env).filter(
      ([name]) => !/^(AWS_(DEFAULT_)?REGION|MINISTACK_REGION|PULUMI_(BACKEND|CONFIG)_\w+)$/.test(name),
    );
    return Shell.open(
      this.checkout,
      {
        ...Object.fromEntries(kept),
        PATH: [dirname(engine.pulumi), dirname(process.execPath), process.env.PATH].join(delimiter),
        // Nobody sits there to say yes.
        PULUMI_SKIP_CONFIRMATIONS: "true",
        PULUMI_OPTION_SKIP_PREVIEW: "true",
        NO_COLOR: "1",
        // What is there already is not asked for again.
        npm_config_prefer_offline: "true",
        // Sandboxes that are started there are found there, and those of others are not.
        TMPDIR: this.#temp,
        // A machine's own are mostly older than the sandbox's server.
        [PROGRAMS_FOLDER]: this.programs,
        BACKEND: this.backend,
        ...(region === undefined ? {} : { AWS_REGION: region }),
        ...(passphrase === undefined ? {} : { PULUMI_CONFIG_PASSPHRASE: passphrase }),
      },
      dir,
    );
  }

  /** Publishes a zero of a metric, as an app would that has nothing to tell. */
  async publish(metric: string, namespace: string): Promise<void> {
    await publishOnce(this.sandbox, [metric], { namespace });
  }

  async close(): Promise<void> {
    await this.#end();
    await this.admin.end();
    await this.webhook.stop();
    await this.sandbox.stop();
  }

  async #end(): Promise<void> {
    await this.server?.stop();
    if (this.#pool === undefined) return;
    // Where a page could not be followed to the line that stops what it started.
    for (const { dir } of await leftSandboxes(this.#temp)) await stopSandbox(dir);
    await this.#pool.end();
    this.#pool = undefined;
    // Roles are of the whole server, and outlive a database.
    await this.admin.query(`drop database ${this.postgres.database} with (force)`);
    const { user, admin } = this.sandbox.postgres;
    const { rows } = await this.admin.query<{ rolname: string }>(
      "select rolname from pg_roles where rolname !~ '^pg_' and oid <> 10 and rolname <> all ($1)",
      [[user, admin.user, ADMIN.user]],
    );
    for (const { rolname } of rows) await this.admin.query(`drop role ${pg.escapeIdentifier(rolname)}`);
  }

  async #fillDatabase(): Promise<void> {
    await this.admin.query(`create database ${this.postgres.database} owner ${ADMIN.user}`);
    this.#pool = openPool(this.postgres);
    await migrate(this.#pool, "013");
    await seed(this.#pool, { tokens: { analyst: "a", verifier: "v", admin: "m" }, workspace: "ws-ops" });
    await createTables(this.#pool);
  }

  /** By which the pages encrypt secrets. */
  async #declareKey(): Promise<void> {
    const kms = new KMS(emulated(this.sandbox.aws));
    try {
      const { KeyMetadata } = await kms.createKey({});
      await kms.createAlias({ AliasName: "alias/pulumi", TargetKeyId: KeyMetadata?.KeyId });
    } finally {
      kms.destroy();
    }
  }

  async #writeFiles(path: string, timeScale: number): Promise<void> {
    const [source, folder] = [join(PROJECT, path), join(this.checkout, path)];
    const rollout = loadRollout(source);
    const stacks = rollout.stages.map(({ name }) => name);
    const here = {
      poolerPort: this.sandbox.poolerPort,
      postgres: this.postgres,
      dir: this.sandbox.dir,
      webhook: this.webhook,
      timeScale,
    };
    const project = new SandboxProject(folder, source);
    await project.write(stacks, (stack) => overlayOf(rollout, stack, here));
    cpSync(join(source, "Pulumi.yaml"), join(folder, "Pulumi.yaml"));
    const servers: Overlay = { urls: [this.server.url], ...REPORT };
    if (path === "") {
      for (const stack of stacks) await reduce(join(folder, `Pulumi.${stack}.yaml`), true);
      await project.edit("stageB", ["cutover:stage", "exit"], LAST_GATE);
    }
    await project.edit("baseline", ["cutover:rollout", "servers"], servers);
  }
}

/** What the last stage is left by: a rollout without any exit gate cannot be finished. */
const LAST_GATE = {
  F1: {
    title: "The workspace still has its patches",
    source: "sql",
    query: "select count(*) from patches",
    expect: { gt: 0 },
    prove: { query: "select count(*) from patches where false" },
  },
};
