import { readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type pg from "pg";
import type { Run } from "../../cli/rehearse/up";
import { startWebhook, type Webhook } from "../../cli/rehearse/webhook";
import { keysOf, reachedHere } from "../../cli/sandbox/overlay";
import { type Overlay, PROGRAM, SandboxProject } from "../../cli/sandbox/project";
import { openSandbox, type Sandbox, silentProgress } from "../../sandbox";
import { declareDatabases } from "../../sandbox/aws/rds";
import { migrate } from "../../sandbox/demo/ops-view/migrate";
import { seed } from "../../sandbox/demo/ops-view/seed";
import { declaredPlace, openPool, providerPlace } from "../../sandbox/postgres/reach";
import { METRICS, publishOnce } from "./publish";
import { reduce } from "./reduced";
import { FAST, STACKS, type StackName } from "./stages";
import { TestRollout } from "./testRollout";

export * from "./stages";
export type { RunOptions, TestRollout } from "./testRollout";

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
    const admin = openPool(sandbox.postgres, 2);
    const [webhook] = await Promise.all([
      startWebhook(),
      declareDatabases(sandbox.aws, [{ instance: "ops-db" }]),
      publishOnce(sandbox, METRICS),
    ]);
    return new Ground(sandbox, webhook, admin);
  }

  /** A rollout of its own, with a database that has the migrations up to `migrated`. */
  async rollout(
    name: string,
    { migrated = "013", scale = FAST, stacks = STACKS, abortSwitch = false }: RolloutOptions = {},
  ): Promise<TestRollout> {
    const database = `db_${name.replaceAll("-", "_")}`;
    const [pool, project] = await Promise.all([
      this.#database(database, migrated),
      this.#project(name, database, scale, abortSwitch),
    ]);
    const rollout = new TestRollout(this, name, project, pool);
    this.#rollouts.push(rollout);
    // None is selected: every run names its stack, and three at once would write one file.
    const [first, ...others] = stacks;
    if (first === undefined) return rollout;
    await rollout.must(["stack", "init", first, "--no-select"]);
    await Promise.all(others.map((stack) => this.#createLike(project, name, first, stack)));
    if (stacks.includes("baseline")) {
      // As one word: a password by itself may begin with a dash, and would be taken for an option.
      const secret = `postgresql:password=${this.sandbox.postgres.password}`;
      await rollout.must(["config", "set-all", "--stack", "baseline", "--secret", secret]);
    }
    return rollout;
  }

  /**
   * Creates a stack as the engine has just created another: it takes a quarter of a second of CPU for each, most of it to
   * derive a key that is the same.
   */
  async #createLike(
    project: SandboxProject,
    name: string,
    first: StackName,
    stack: StackName,
  ): Promise<void> {
    const fileOf = (of: StackName) =>
      join(this.sandbox.dir, "state", ".pulumi", "stacks", name, `${of}.json`);
    const nameOf = (of: StackName) => `"organization/${name}/${of}"`;
    const made = await readFile(fileOf(first), "utf8");
    if (!made.includes(nameOf(first))) throw new Error(`the engine wrote another state than it did: ${made}`);
    await writeFile(fileOf(stack), made.replace(nameOf(first), nameOf(stack)));
    await project.encryptAs(first, stack);
  }

  async #database(database: string, migrated: string): Promise<pg.Pool> {
    await this.admin.query(`create database ${database}`);
    const pool = openPool({ ...this.sandbox.postgres, database });
    await migrate(pool, migrated);
    await seed(pool, { tokens: { analyst: "a", verifier: "v", admin: "m" }, workspace: "ws-ops" });
    return pool;
  }

  async #project(
    name: string,
    database: string,
    scale: number,
    abortSwitch: boolean,
  ): Promise<SandboxProject> {
    const project = new SandboxProject(join(this.sandbox.dir, name), PROGRAM);
    await project.write(STACKS, (stack) => this.overlay(stack, name, database, scale));
    for (const stack of STACKS) await reduce(join(project.folder, `Pulumi.${stack}.yaml`), abortSwitch);
    const file = join(project.folder, "Pulumi.yaml");
    await writeFile(file, (await readFile(file, "utf8")).replace(/^name: .*$/m, `name: ${name}`));
    return project;
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
      ...keysOf("postgresql", { ...providerPlace(postgres), username: postgres.user, database }),
      "cutover:rollout": {
        name,
        database: declaredPlace({ ...postgres, database }),
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
