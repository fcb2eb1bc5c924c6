import { type ExecFileException, execFile } from "node:child_process";
import { z } from "zod";
import { calledFor } from "../src/aws/denied";
import { deniedInWords, tellDeniedElsewhere } from "../src/aws/deniedElsewhere";
import { known } from "../src/aws/known";
import { measuringOutput } from "../src/promotion/away";
import type { LastFlip } from "../src/promotion/finishWorld";
import { connectionOf, foundationOutputs, gateLogin } from "../src/promotion/foundationOutputs";
import { heldToIn, predecessorIn } from "../src/promotion/recorded";
import type { Situation } from "../src/promotion/sources";
import { awsEndpoint, checkTimeScale } from "../src/rollout/config/timeScale";
import { loadRollout } from "../src/rollout/load";
import { ownChecks } from "../src/rollout/ownChecks";
import { type Rollout, requireStage, type Stage } from "../src/rollout/rollout";
import { ofStack } from "../src/text/command";
import { UserError } from "../src/text/problem";
import { CHECKOUT, placeHere } from "./locate";

/** What a command works on: a stage of the project in a folder, measured with the stacks' own config. */
export interface Opened extends Situation {
  readonly rollout: Rollout;
  readonly stage: Stage;
  /** All outputs of the first stage's stack, secrets included. */
  readonly outputs: Readonly<Record<string, unknown>>;
}

/**
 * Opens a stage for commands that measure: its config and secrets, and the foundation's outputs, through `pulumi`.
 *
 * @param asked the stage's name. Default: the first one
 */
export async function openStage(
  folder: string,
  asked: string | undefined,
  env: NodeJS.ProcessEnv = process.env,
): Promise<Opened> {
  const rollout = loadRollout(folder);
  const first = rollout.stages[0].name;
  const name = asked ?? first;
  const stage = requireStage(rollout, name);
  const [config, outputs] = await Promise.all([
    pulumiJson(folder, ["config", "--show-secrets", "--json", "--stack", name], configMap),
    pulumiJson(
      folder,
      ["stack", "output", "--show-secrets", "--json", "--stack", first],
      z.record(z.string(), z.unknown()),
    ),
  ]);
  const foundation = foundationOutputs.safeParse(outputs);
  if (!foundation.success) {
    throw new UserError(`The stack ${first}, on which all stages stand, is not up:`, [
      {
        where: first,
        what: "has no outputs yet",
        remedy: `Run ${ofStack(placeHere(rollout.name, folder), "up", first)} first`,
      },
    ]);
  }
  const { applicationId, environmentId, profileId, strategyId, topics } = foundation.data;
  const region = config["aws:region"]?.value ?? env.AWS_REGION ?? env.AWS_DEFAULT_REGION ?? "";
  const scale = Number(config["cutover:timeScale"]?.value ?? 1);
  return {
    rollout,
    stage,
    checks: ownChecks(rollout, folder),
    outputs,
    foundation: {
      store: { applicationId, environmentId, profileId, region },
      strategyId,
      topics,
      database: connectionOf(rollout, gateLogin.safeParse(outputs.gateLogin).data),
      measuring: measuringOutput.safeParse(outputs.measuring).data,
    },
    settings: {
      region,
      folder,
      checkout: CHECKOUT,
      timeScale: checkTimeScale(scale, env, config["aws:endpoints"]?.value),
      awsEndpoint: awsEndpoint(env),
      tokens: Object.fromEntries(
        Object.entries(config).flatMap(([key, { value }]) =>
          key.startsWith("cutover:token-") && value !== undefined
            ? [[key.slice("cutover:token-".length), value]]
            : [],
        ),
      ),
    },
  };
}

/** So long a stack is waited for, in ms: `pulumi` takes seconds to say anything. */
const PULUMI_MS = 60_000;

/**
 * What a stage's own stack keeps of its last flip. What that was held to is kept as a secret, and never printed. Never
 * throws.
 */
export async function readLastFlip(folder: string, stage: string): Promise<LastFlip> {
  const asked = ["stack", "output", "--show-secrets", "--json", "--stack", stage];
  const outputs = await known(() => pulumiJson(folder, asked, z.record(z.string(), z.unknown())), PULUMI_MS);
  if (!outputs.ok) return { recorded: { kind: "unreadable", why: outputs.why }, heldTo: outputs };
  return {
    recorded: predecessorIn(stage, outputs.value),
    heldTo: await known(async () => heldToIn(outputs.value)),
  };
}

/** What `pulumi config --json` prints. */
export const configMap = z.record(
  z.string(),
  z.object({ value: z.string().optional(), secret: z.boolean().optional() }),
);

/** Where `pulumi` runs, and what else it is given. */
export interface PulumiOptions {
  /** Ends it. */
  readonly signal?: AbortSignal;
  readonly env?: NodeJS.ProcessEnv;
  /** What it reads. */
  readonly input?: string;
}

/**
 * Runs `pulumi` for its JSON. Its output may hold secrets, so nothing of it is ever part of an error. Throws a
 * `UserError` whose problem says what `pulumi` complained of last.
 */
export async function pulumiJson<T>(
  folder: string,
  args: readonly string[],
  schema: z.ZodType<T>,
  options: PulumiOptions = {},
): Promise<T> {
  const said = await runPulumi(folder, args, options);
  try {
    return schema.parse(JSON.parse(said));
  } catch {
    throw new UserError(`pulumi ${args[0]} answered with something that is not its usual JSON`);
  }
}

/** Runs `pulumi` for what it prints. Throws as `pulumiJson`. */
export function runPulumi(
  folder: string,
  args: readonly string[],
  { signal, env = process.env, input }: PulumiOptions = {},
): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = execFile(
      "pulumi",
      [...args, "--non-interactive"],
      { cwd: folder, env, maxBuffer: 64 * 1024 * 1024, ...(signal ? { signal } : {}) },
      (error, stdout, stderr) => {
        if (!error) return resolve(stdout);
        reject(
          new UserError(`pulumi ${args[0]} does not work here:`, [
            { where: folder, ...whyNot(error, stderr) },
          ]),
        );
      },
    );
    // One that ends before it has read all of it says why by itself.
    child.stdin?.on("error", () => {});
    child.stdin?.end(input);
  });
}

/** Why `pulumi` does not work, and what to do: what AWS does not let it do is told as of our own calls. */
function whyNot(
  error: ExecFileException,
  stderr: string,
): { readonly what: string; readonly remedy: string } {
  if (error.code === "ENOENT")
    return { what: "there is no pulumi on PATH", remedy: "Install the Pulumi CLI" };
  const [denied] = deniedInWords(stderr);
  if (denied) return tellDeniedElsewhere(denied, calledFor());
  return {
    what: stderr.trim().split("\n").at(-1) ?? "failed",
    remedy: "Make the same pulumi command work, then run this one again",
  };
}
