import { providerOf, readLoosely } from "../src/abort/looseConfig";
import { actAs } from "../src/aws/identity/actAs";
import { awsEndpoint, isLoopback } from "../src/rollout/config/timeScale";
import { showProblem } from "../src/text/problem";

/** What a command is about, as far as it says. */
export interface Actor {
  /** The folder of the stack files; undefined where they are not at hand. */
  readonly folder: string | undefined;
  /** Whose stack's provider it acts as; without, that of the stack that declares the rollout. */
  readonly stage?: string | undefined;
  /** Where AWS is asked, whatever the stack files say. */
  readonly region?: string | undefined;
  /** Whether the credentials of the environment may stand in for those of the stack: only on the way down. */
  readonly lowers: boolean;
}

/**
 * From now on this process asks AWS where, and as whom, the provider of the stack does. In a sandbox it is the
 * environment that says so: its copies of stack files name no account, and the ones beside it name another.
 */
export function actAsStack(
  { folder, stage, region, lowers }: Actor,
  env: NodeJS.ProcessEnv = process.env,
  say: (line: string) => void = console.error,
): void {
  if (region !== undefined) env.AWS_REGION = region;
  const config = folder === undefined ? undefined : readLoosely(folder);
  if (!config || isLoopback(awsEndpoint(env) ?? "")) return;
  const { settings, problems } = providerOf(config, stage);
  // As the provider has it: the config before the environment.
  const at = region ?? settings.region ?? config.region;
  if (at !== undefined) env.AWS_REGION = at;
  for (const problem of problems) say(`WARNING: ${showProblem(problem)}`);
  const where = env.AWS_REGION || env.AWS_DEFAULT_REGION;
  if (!where) return;
  const instead = (why: string) =>
    say(`WARNING: ${why}. The credentials of the environment are used instead`);
  actAs(settings, where, env, lowers ? instead : undefined);
}
