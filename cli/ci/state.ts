import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parse, stringify } from "yaml";
import { z } from "zod";
import { UserError } from "../../src/text/problem";
import { EXIT, type Exit } from "../exit";
import { pulumiJson, runPulumi } from "../pulumi";
import { type StackKey, withheldState } from "../withheld";
import { rootOf } from "./run";
import { findStack, rolloutFolders } from "./stacks";

export interface StateOptions {
  readonly rollout: string;
  /** A folder of the repository. */
  readonly folder: string;
  readonly env?: NodeJS.ProcessEnv;
  readonly print?: (line: string) => void;
}

/** What a preview's own state is kept with. */
interface Own {
  readonly env: NodeJS.ProcessEnv;
  readonly provider: string;
}

/**
 * Copies the states of a rollout into the backend that previews read, without their secrets. Throws a `UserError` where
 * that cannot be done. The states themselves are only read; what is secret in them is in memory alone.
 */
export async function stateCommand(options: StateOptions): Promise<Exit> {
  const { rollout, folder, env = process.env, print = console.log } = options;
  const own = ownOf(env);
  const root = rootOf(folder);
  const stacks = findStack(rolloutFolders(root), rollout);
  const from = join(root, stacks[0]?.folder ?? ".");
  await requireTwo(from, env, own);
  const listed = await pulumiJson(from, ["stack", "ls", "--json"], z.array(z.object({ name: z.string() })), {
    env,
  });
  const there = new Set(listed.map(({ name }) => name.split("/").at(-1)));
  for (const { stack } of stacks) {
    if (there.has(stack))
      await copy(stack, from, env, own).catch((error) => Promise.reject(told(stack, error)));
    print(`${stack}: ${there.has(stack) ? "copied for previews, without its secrets" : "is not there yet"}`);
  }
  return EXIT.ok;
}

async function copy(stack: string, from: string, env: NodeJS.ProcessEnv, own: Own): Promise<void> {
  const asked = ["stack", "export", "--show-secrets", "--stack", stack];
  const exported = await pulumiJson(from, asked, z.object({ deployment: z.looseObject({}) }).loose(), {
    env,
  });
  // A folder of its own: the stack files beside the project name the key of the state that is copied.
  const temp = await mkdtemp(join(tmpdir(), "cutover-state-"));
  try {
    const { name } = parse(await readFile(join(from, "Pulumi.yaml"), "utf8")) as { name: string };
    await writeFile(join(temp, "Pulumi.yaml"), stringify({ name, runtime: "nodejs" }));
    const made = ["--secrets-provider", own.provider, "--stack", stack];
    // A key is written down for a new stack only, and the copy may be there already.
    const scratch = { ...own.env, PULUMI_BACKEND_URL: `file://${temp}` };
    await runPulumi(temp, ["stack", "init", ...made], { env: scratch });
    await runPulumi(temp, ["stack", "select", "--create", ...made], { env: own.env });
    const key = parse(await readFile(join(temp, `Pulumi.${stack}.yaml`), "utf8")) as StackKey;
    const input = JSON.stringify(withheldState(exported, key));
    await runPulumi(temp, ["stack", "import", "--stack", stack], { env: own.env, input });
  } finally {
    await rm(temp, { recursive: true, force: true });
  }
}

/** A folder that is gone by then tells nobody anything. */
function told(stack: string, error: unknown): unknown {
  if (!(error instanceof UserError)) return error;
  return new UserError(`The state of ${stack} is not copied for previews:`, [
    {
      where: `stack ${stack}`,
      what: error.problems[0]?.what ?? error.message,
      remedy:
        "Check both backends and their keys, then run the same command again: nothing but copies has changed",
    },
  ]);
}

/** The environment of a preview: nothing that opens what is copied goes along. */
function ownOf(env: NodeJS.ProcessEnv): Own {
  const {
    PREVIEW_BACKEND_URL: backend,
    PREVIEW_CONFIG_PASSPHRASE: passphrase,
    PREVIEW_SECRETS_PROVIDER,
    PREVIEW_ACCESS_TOKEN: token,
    PULUMI_CONFIG_PASSPHRASE: _,
    PULUMI_CONFIG_PASSPHRASE_FILE: __,
    PULUMI_ACCESS_TOKEN: ___,
    ...rest
  } = env;
  const provider = PREVIEW_SECRETS_PROVIDER || "passphrase";
  const missing = [
    ...(backend ? [] : ["PREVIEW_BACKEND_URL"]),
    ...(passphrase || provider !== "passphrase" ? [] : ["PREVIEW_CONFIG_PASSPHRASE"]),
  ];
  if (missing.length > 0)
    throw new UserError("It is not known which state previews read:", [
      { where: missing.join(", "), what: "is missing", remedy: "Set it in the job's environment" },
    ]);
  return {
    provider,
    env: {
      ...rest,
      PULUMI_BACKEND_URL: backend,
      ...(passphrase ? { PULUMI_CONFIG_PASSPHRASE: passphrase } : {}),
      ...(token ? { PULUMI_ACCESS_TOKEN: token } : {}),
    },
  };
}

/** Throws a `UserError` where both are one backend: whoever is logged in may have set no variable that says so. */
async function requireTwo(from: string, env: NodeJS.ProcessEnv, own: Own): Promise<void> {
  const placeOf = async (of: NodeJS.ProcessEnv) => {
    const { url } = await pulumiJson(from, ["whoami", "--json"], z.object({ url: z.string() }), { env: of });
    // Of Pulumi Cloud, the address says who asks as well.
    return /^https?:/.test(url) ? new URL(url).origin : url.replace(/\?.*$/, "").replace(/\/+$/, "");
  };
  if ((await placeOf(env)) !== (await placeOf(own.env))) return;
  throw new UserError("A copy would take the place of what it is copied from:", [
    {
      where: "PREVIEW_BACKEND_URL",
      what: "names the backend that the rollout's own state is kept in",
      remedy: "Give previews a bucket that only they read",
    },
  ]);
}
