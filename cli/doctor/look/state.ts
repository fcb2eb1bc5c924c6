import { execFile } from "node:child_process";
import { readdir } from "node:fs/promises";
import { homedir } from "node:os";
import { join } from "node:path";
import { z } from "zod";
import { configMap, pulumiJson } from "../../pulumi";

const stackList = z.array(z.object({ name: z.string() }));

/** The names of the project's stacks in the backend that pulumi is logged in to. */
export async function readStacks(
  folder: string,
  env: NodeJS.ProcessEnv,
  signal: AbortSignal,
): Promise<string[]> {
  const found = await pulumiJson(folder, ["stack", "ls", "--json"], stackList, { env, signal });
  // With some backends they are told with their organization and project.
  return found.map(({ name }) => name.split("/").at(-1) ?? name);
}

/** A stack's config in plain, and which of its values are secret. */
export interface StackValues {
  readonly values: Readonly<Record<string, string>>;
  readonly secrets: readonly string[];
}

/** A stack's config, its secrets in plain: also what the login to its secrets provider is good for. */
export async function readConfig(
  folder: string,
  stack: string,
  env: NodeJS.ProcessEnv,
  signal: AbortSignal,
): Promise<StackValues> {
  const asked = ["config", "--show-secrets", "--json", "--stack", stack];
  const config = await pulumiJson(folder, asked, configMap, { env, signal });
  const told = Object.entries(config).flatMap(([key, { value, secret = false }]) =>
    value === undefined ? [] : [{ key, value, secret }],
  );
  return {
    values: Object.fromEntries(told.map(({ key, value }) => [key, value])),
    secrets: told.flatMap(({ value, secret }) => (secret ? [value] : [])),
  };
}

/** A stack's outputs, its secrets in plain. */
export function readOutputs(
  folder: string,
  stack: string,
  env: NodeJS.ProcessEnv,
  signal: AbortSignal,
): Promise<Record<string, unknown>> {
  const asked = ["stack", "output", "--show-secrets", "--json", "--stack", stack];
  return pulumiJson(folder, asked, z.record(z.string(), z.unknown()), { env, signal });
}

/** The version of the `pulumi` on PATH; undefined where there is none. */
export function readEngine(env: NodeJS.ProcessEnv, signal: AbortSignal): Promise<string | undefined> {
  const quiet = { ...env, PULUMI_SKIP_UPDATE_CHECK: "true" };
  return new Promise((done, fail) => {
    execFile("pulumi", ["version"], { env: quiet, signal }, (error, stdout) => {
      if (error?.code === "ENOENT") done(undefined);
      else if (error) fail(new Error(`pulumi version ends with ${error.code}`));
      else done(/(\d+\.\d+\.\d+\S*)/.exec(stdout)?.[1]);
    });
  });
}

/** The plugins of providers that are installed, as `aws 7.48.0`. */
export async function readPlugins(env: NodeJS.ProcessEnv): Promise<string[]> {
  const home = env.PULUMI_HOME || join(homedir(), ".pulumi");
  const names = await readdir(join(home, "plugins")).catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return [];
    throw error;
  });
  return names.flatMap((name) => {
    const [, plugin, version] = /^resource-([a-z]+)-v(\d+\.\d+\.\d+[^.]*)$/.exec(name) ?? [];
    return plugin === undefined ? [] : [`${plugin} ${version}`];
  });
}
