import { randomBytes } from "node:crypto";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import {
  AppConfigClient,
  CreateHostedConfigurationVersionCommand,
  StartDeploymentCommand,
} from "@aws-sdk/client-appconfig";
import type pg from "pg";
import { POLICY_PACK } from "../../cli/policyPack";
import { type Run, up } from "../../cli/rehearse/up";
import type { SandboxProject } from "../../cli/sandbox/project";
import type { RunResult, Sandbox, Service } from "../../sandbox";
import { emulated } from "../../sandbox/aws/emulated";
import { flagDocument } from "../../src/flags/document";
import type { Flags } from "../../src/flags/flags";
import { type Ledger, type Note, writeNote } from "../../src/flags/ledger";
import { type FlagStore, readLedger } from "../../src/flags/readLedger";
import type { Rollout } from "../../src/rollout/rollout";
import { findStore } from "./findStore";
import type { Ground } from "./harness";
import { FAST, type StackName } from "./stages";
import type { StateResource } from "./state";

/** The flags of every rollout of a test. */
export const SPECS: Rollout["flags"] = {
  OPS_VIEW_DB_READ: { kind: "boolean", off: false, requires: [], writes: false },
  OPS_VIEW_DB_WRITE: { kind: "boolean", off: false, requires: ["OPS_VIEW_DB_READ"], writes: true },
};

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
