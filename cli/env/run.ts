import { readLoosely } from "../../src/abort/looseConfig";
import { regionOf } from "../../src/abort/target";
import { type Carries, linesOf, VERSION, variablesOf } from "../../src/delivery/variables";
import { appConfigClient } from "../../src/flags/appConfigStore";
import { findFlagStore } from "../../src/flags/find";
import type { Flags } from "../../src/flags/flags";
import { readLedger } from "../../src/flags/readLedger";
import { loadRollout } from "../../src/rollout/load";
import { type Rollout, requireStage } from "../../src/rollout/rollout";
import { UserError } from "../../src/text/problem";
import { EXIT, type Exit } from "../exit";

export interface EnvOptions {
  /** What it raises the flags to. Default: what is live. */
  readonly stage?: string | undefined;
  /** Whose names and flags. Default: every flag, under its own name. */
  readonly delivery?: string | undefined;
  /** The folder with the stack files. */
  readonly folder: string;
  readonly env?: NodeJS.ProcessEnv;
  readonly print?: (line: string) => void;
  /** Says what the lines are, to whoever typed it and not to what reads them. */
  readonly say?: (line: string) => void;
}

/** Prints flags as environment variables. Returns the exit code. */
export async function envCommand(options: EnvOptions): Promise<Exit> {
  const { stage, folder, env = process.env, print = console.log, say = console.error } = options;
  const rollout = loadRollout(folder);
  const carries = carriesOf(rollout, options.delivery);
  if (stage !== undefined) {
    const { flags } = requireStage(rollout, stage);
    const { [VERSION]: _, ...variables } = variablesOf(carries, flags, 0);
    say(
      `# ${rollout.name}: what ${stage} raises the flags to. It is live only once pulumi up has flipped them`,
    );
    for (const line of linesOf(variables)) print(line);
    return EXIT.ok;
  }
  const { flags, deployment, since } = await liveOf(rollout, regionOf(env, readLoosely(folder)));
  say(`# ${rollout.name}: what is live since ${since}, by deployment ${deployment} of the ledger`);
  for (const line of linesOf(variablesOf(carries, flags, deployment))) print(line);
  return EXIT.ok;
}

function carriesOf({ delivery = {} }: Rollout, name: string | undefined): Carries {
  if (name === undefined) return {};
  if (Object.hasOwn(delivery, name)) return delivery[name] as Carries;
  throw new UserError("There is no such delivery:", [
    {
      where: "-d",
      what: `${name} is none of ${Object.keys(delivery).join(", ") || "none: cutover:rollout has no delivery"}`,
      remedy: "Name one of them, or leave -d out: every flag is then printed under its own name",
    },
  ]);
}

async function liveOf(
  rollout: Rollout,
  region: string,
): Promise<{ readonly flags: Flags; readonly deployment: number; readonly since: string }> {
  const client = appConfigClient(region);
  try {
    const ids = await findFlagStore(client, rollout.name);
    const { live } = await readLedger({ ...ids, region }, rollout.flags);
    if (live) return { flags: live.flags, deployment: live.deployment, since: live.completedAt };
    throw new UserError(`${rollout.name} has no flags that are live:`, [
      {
        where: "ledger",
        what: "has no deployment that was completed",
        remedy: "Bring up the first stage's stack",
      },
    ]);
  } finally {
    client.destroy();
  }
}
