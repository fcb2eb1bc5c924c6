import { randomBytes } from "node:crypto";
import { readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import {
  AppConfigClient,
  CreateHostedConfigurationVersionCommand,
  StartDeploymentCommand,
} from "@aws-sdk/client-appconfig";
import pg from "pg";
import { POLICY_PACK } from "../../cli/policyPack";
import { type Run, up } from "../../cli/rehearse/up";
import { startWebhook, type Webhook } from "../../cli/rehearse/webhook";
import { reachedHere } from "../../cli/sandbox/overlay";
import { type Overlay, PROGRAM, SandboxProject } from "../../cli/sandbox/project";
import { openSandbox, type RunResult, type Sandbox, type Service, silentProgress } from "../../sandbox";
import { emulated } from "../../sandbox/aws/emulated";
import { declareDatabases } from "../../sandbox/aws/rds";
import { migrate } from "../../sandbox/demo/ops-view/migrate";
import { seed } from "../../sandbox/demo/ops-view/seed";
import { flagDocument } from "../../src/flags/document";
import type { Flags } from "../../src/flags/flags";
import { type Ledger, type Note, writeNote } from "../../src/flags/ledger";
import { type FlagStore, readLedger } from "../../src/flags/readLedger";
import type { Rollout } from "../../src/rollout/rollout";
import { findStore } from "./findStore";
import { METRICS, publishOnce } from "./publish";
import { reduce } from "./reduced";
import type { StateResource } from "./state";

export const OFF = { OPS_VIEW_DB_READ: false, OPS_VIEW_DB_WRITE: false };
export const READ = { OPS_VIEW_DB_READ: true, OPS_VIEW_DB_WRITE: false };
export const WRITE = { OPS_VIEW_DB_READ: true, OPS_VIEW_DB_WRITE: true };

export const STACKS = ["baseline", "stageA", "stageB"] as const;
export type StackName = (typeof STACKS)[number];

/** A soak of 24 h takes 24 min: longer than any test. */
export const SLOW = 60;
/** A soak of 24 h takes a second. */
export const FAST = 24 * 3_600;

const SPECS: Rollout["flags"] = {
  OPS_VIEW_DB_READ: { kind: "boolean", off: false, requires: [], writes: false },
  OPS_VIEW_DB_WRITE: { kind: "boolean", off: false, requires: ["OPS_VIEW_DB_READ"], writes: true },
};

/** One sandbox for all tests of a file. Each rollout in it has a project, stacks, a database and a flag store to itself. */
export class Ground {
  /** Every line that any `pulumi` printed. */
  readonly printed: string[] = [];
  #rollouts: TestRollout[] = [];

  private constructor(
    readonly sandbox: Sandbox,
    readonly webhook: Webhook,
    private readonly admin: pg.Pool,
  ) {}

  static async open(): Promise<Ground> {
    const sandbox = await openSandbox({ progress: silentProgress });
    // The ledger is read by the tests as well, by the code that the program reads it with.
    Object.assign(process.env, {
      AWS_ENDPOINT_URL: sandbox.aws.endpoint,
      AWS_ACCESS_KEY_ID: "test",
      AWS_SECRET_ACCESS_KEY: "test",
    });
    const admin = new pg.Pool({ ...sandbox.postgres, max: 2 });
    admin.on("error", () => {});
    const ground = new Ground(sandbox, await startWebhook(), admin);
    await declareDatabases(sandbox.aws, [{ instance: "ops-db" }]);
    await publishOnce(sandbox, METRICS);
    return ground;
  }

  /** A rollout of its own, with a database that has the migrations up to `migrated`. */
  async rollout(
    name: string,
    { migrated = "013", scale = FAST, stacks = STACKS, abortSwitch = false }: RolloutOptions = {},
  ): Promise<TestRollout> {
    const database = `db_${name.replaceAll("-", "_")}`;
    await this.admin.query(`create database ${database}`);
    const pool = new pg.Pool({ ...this.sandbox.postgres, database, max: 4 });
    pool.on("error", () => {});
    await migrate(pool, migrated);
    await seed(pool, { tokens: { analyst: "a", verifier: "v", admin: "m" }, workspace: "ws-ops" });
    const project = new SandboxProject(join(this.sandbox.dir, name), PROGRAM);
    await project.write(STACKS, (stack) => this.overlay(stack, name, database, scale));
    for (const stack of STACKS) await reduce(join(project.folder, `Pulumi.${stack}.yaml`), abortSwitch);
    const file = join(project.folder, "Pulumi.yaml");
    await writeFile(file, (await readFile(file, "utf8")).replace(/^name: .*$/m, `name: ${name}`));
    const rollout = new TestRollout(this, name, project, pool);
    this.#rollouts.push(rollout);
    for (const stack of stacks) await rollout.must(["stack", "init", stack]);
    if (stacks.includes("baseline")) {
      // As one word: a password by itself may begin with a dash, and would be taken for an option.
      const secret = `postgresql:password=${this.sandbox.postgres.password}`;
      await rollout.must(["config", "set-all", "--stack", "baseline", "--secret", secret]);
    }
    return rollout;
  }

  /** The files in which runs reported what they planned, and in which the engine told what it did. */
  async reports(): Promise<string[]> {
    const names = await readdir(this.sandbox.dir);
    return names
      .filter((name) => /^(report|events)-.*\.json$/.test(name))
      .map((name) => join(this.sandbox.dir, name));
  }

  async close(): Promise<void> {
    for (const { pool } of this.#rollouts) await pool.end();
    await this.admin.end();
    await this.webhook.stop();
    await this.sandbox.stop();
  }

  private overlay(stack: string, name: string, database: string, scale: number): Overlay {
    const { postgres } = this.sandbox;
    const pace = { "cutover:timeScale": scale };
    if (stack === "stageB")
      return { ...pace, "cutover:stage": { snapshot: { reachedAs: reachedHere(this.sandbox) } } };
    if (stack !== "baseline") return pace;
    const deliver = (path: string) => [{ protocol: "http", endpoint: `${this.webhook.url}/${path}` }];
    return {
      ...pace,
      "postgresql:host": postgres.host,
      "postgresql:port": postgres.port,
      "postgresql:username": postgres.user,
      "postgresql:database": database,
      "postgresql:sslmode": "disable",
      "cutover:rollout": {
        name,
        database: { host: postgres.host, port: postgres.port, name: database, ssl: "disable" },
        topics: { onCall: deliver("on-call"), ops: deliver("ops"), stakeholders: deliver("stakeholders") },
      },
    };
  }
}

export interface RolloutOptions {
  readonly migrated?: string;
  readonly scale?: number;
  readonly stacks?: readonly StackName[];
  /** Leaves the abort alarms their `action: rollback`, for which each stage has a function to be deployed. */
  readonly abortSwitch?: boolean;
}

export interface RunOptions {
  readonly policyPack?: "none";
  readonly preview?: boolean;
  readonly env?: Readonly<Record<string, string>>;
}

/** One rollout of a test: the project's own stack files under a name of their own. */
export class TestRollout {
  #store: FlagStore | undefined;

  constructor(
    readonly ground: Ground,
    readonly name: string,
    readonly project: SandboxProject,
    readonly pool: pg.Pool,
  ) {}

  /** Brings stacks up, one after the other. Throws where one does not come up. */
  async bringUp(...stacks: readonly StackName[]): Promise<void> {
    for (const stack of stacks) {
      // A soak of 24 h, where durations pass fast.
      if (stack === "stageB") await sleep((24 * 3_600_000) / FAST + 500);
      const { code, output } = await this.up(stack);
      if (code !== 0) throw new Error(output);
    }
  }

  /** `pulumi up` (or `preview`) of a stack, told the way a rehearsal tells it. */
  async up(stack: StackName, { env, ...options }: RunOptions = {}): Promise<Run & { code: number }> {
    let code = Number.NaN;
    const sandbox: Sandbox = {
      ...this.ground.sandbox,
      pulumi: async (args, given) => {
        const result = await this.ground.sandbox.pulumi(args, { ...given, env: { ...given.env, ...env } });
        this.ground.printed.push(result.stdout, result.stderr);
        code = result.code;
        return result;
      },
    };
    const run = await up(sandbox, { folder: this.project.folder, stack, ...options });
    return { ...run, code };
  }

  /** Any other `pulumi` command, in the rollout's folder. */
  async pulumi(args: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<RunResult> {
    const { sandbox, printed } = this.ground;
    const result = await sandbox.pulumi([...args, "--non-interactive"], { cwd: this.project.folder, env });
    printed.push(result.stdout, result.stderr);
    return result;
  }

  async must(args: readonly string[]): Promise<RunResult> {
    const result = await this.pulumi(args);
    if (result.code !== 0)
      throw new Error(`pulumi ${args.slice(0, 2).join(" ")} failed: ${result.stderr || result.stdout}`);
    return result;
  }

  /** `pulumi up` in the background, for tests that do something to it meanwhile. */
  startUp(stack: StackName, env: Readonly<Record<string, string>> = {}): Promise<Service> {
    const { sandbox } = this.ground;
    return sandbox.spawn(
      `up-${randomBytes(4).toString("hex")}`,
      sandbox.engine.pulumi,
      ["up", "--yes", "--skip-preview", "--non-interactive", "--stack", stack],
      {
        cwd: this.project.folder,
        env: { ...sandbox.env, PULUMI_OPTION_POLICY_PACK: POLICY_PACK, ...env },
        stopSignal: "SIGINT",
      },
    );
  }

  async edit(stack: StackName, path: readonly (string | number)[], value: unknown): Promise<void> {
    await this.project.edit(stack, path, value);
  }

  /** A stack's file, to be broken and mended by hand. */
  file(stack: StackName): string {
    return join(this.project.folder, `Pulumi.${stack}.yaml`);
  }

  /** The resources in a stack's state, secrets encrypted, as a person would export them. */
  async state(stack: StackName): Promise<StateResource[]> {
    const { stdout } = await this.must(["stack", "export", "--stack", stack]);
    return (JSON.parse(stdout) as { deployment: { resources?: StateResource[] } }).deployment.resources ?? [];
  }

  async outputs(stack: StackName): Promise<Record<string, unknown>> {
    const { stdout } = await this.must(["stack", "output", "--json", "--stack", stack]);
    return JSON.parse(stdout) as Record<string, unknown>;
  }

  async ledger(): Promise<Ledger> {
    return readLedger(await this.store(), SPECS);
  }

  async liveFlags(): Promise<Flags | undefined> {
    return (await this.ledger()).live?.flags;
  }

  /** Deploys flags by hand, past all of the stacks. Without a note it is a deployment that cutover did not make. */
  async deploy(flags: Flags, note?: Omit<Note, "cutover" | "rollout">): Promise<number> {
    const store = await this.store();
    const client = new AppConfigClient(emulated(this.ground.sandbox.aws));
    try {
      const version = await client.send(
        new CreateHostedConfigurationVersionCommand({
          ApplicationId: store.applicationId,
          ConfigurationProfileId: store.profileId,
          Content: Buffer.from(flagDocument(flags)),
          ContentType: "application/json",
        }),
      );
      const { strategyId } = await this.outputs("baseline");
      const deployment = await client.send(
        new StartDeploymentCommand({
          ApplicationId: store.applicationId,
          EnvironmentId: store.environmentId,
          ConfigurationProfileId: store.profileId,
          ConfigurationVersion: String(version.VersionNumber),
          DeploymentStrategyId: String(strategyId),
          Description: note ? writeNote({ cutover: 1, rollout: this.name, ...note }) : "by hand",
        }),
      );
      return deployment.DeploymentNumber ?? 0;
    } finally {
      client.destroy();
    }
  }

  /** The ids of its flag store. */
  ledgerStore(): Promise<FlagStore> {
    return this.store();
  }

  private async store(): Promise<FlagStore> {
    this.#store ??= await findStore(this.ground.sandbox, this.name);
    return this.#store;
  }
}

/** Waits until something is so, and throws with `what` where it never is. */
export async function until(
  what: string,
  holds: () => Promise<boolean> | boolean,
  withinMs = 60_000,
): Promise<void> {
  for (const deadline = Date.now() + withinMs; !(await holds()); await sleep(50))
    if (Date.now() > deadline) throw new Error(`${what}: not within ${withinMs / 1_000} s`);
}

/** How a run came out; where it failed, with all that the engine printed. */
export async function outcome(running: Promise<Run>): Promise<string> {
  const run = await running;
  return run.outcome === "failed" ? run.output : run.outcome;
}
