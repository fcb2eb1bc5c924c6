import { existsSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";
import { checkTimeScale } from "../src/rollout/config/timeScale";
import { loadRollout, readStackFiles } from "../src/rollout/load";
import type { Rollout } from "../src/rollout/rollout";
import { type Problem, UserError } from "../src/text/problem";

/** What the stack files and the environment say, without Pulumi. */
export interface Project {
  readonly rollout: Rollout;
  /** Where its stack files are. */
  readonly folder: string;
  readonly region: string;
  /** How much faster declared durations pass than the clock. 1 on any real account. */
  readonly timeScale: number;
}

/** Reads a project's files. Throws a `UserError` with all that is wrong with them. */
export function readProject(folder: string, env: NodeJS.ProcessEnv): Project {
  const rollout = loadRollout(folder);
  const settings = settingsOf(folder, rollout);
  const setting = (key: string) => [...settings(key).values()][0];
  const region = env.AWS_REGION || env.AWS_DEFAULT_REGION || setting("aws:region");
  if (typeof region !== "string")
    throw new UserError("No AWS region is set:", [
      { where: "AWS_REGION", what: "is missing", remedy: "Set it, and run the same command again" },
    ]);
  const endpoints = setting("aws:endpoints");
  const scale = Number(setting("cutover:timeScale") ?? 1);
  return {
    rollout,
    folder,
    region,
    timeScale: checkTimeScale(scale, env, endpoints === undefined ? undefined : JSON.stringify(endpoints)),
  };
}

/**
 * What each of the rollout's stacks sets a key to, the first stage's first; those that do not are left out. The files were
 * parsed before: they are sound.
 */
export function settingsOf(folder: string, rollout: Rollout): (key: string) => ReadonlyMap<string, unknown> {
  const files = readStackFiles(folder);
  const configs = rollout.stages.map(({ name }): [string, Record<string, unknown>] => {
    const text = files.find(({ stack }) => stack === name)?.text ?? "";
    return [name, (parse(text) as { config?: Record<string, unknown> | null } | null)?.config ?? {}];
  });
  return (key) =>
    new Map(
      configs.flatMap(([name, config]): [string, unknown][] =>
        config[key] === undefined || config[key] === null ? [] : [[name, config[key]]],
      ),
    );
}

/** What is wrong where no Pulumi.yaml lies beside a rollout's stack files; nothing where one does. */
export function missingProject(source: string): Problem[] {
  const where = join(source, "Pulumi.yaml");
  if (existsSync(where)) return [];
  const what = "is not there, and makes a project of the stack files beside it";
  return [{ where, what, remedy: "Name the folder with -C, or write the file as cutover init does" }];
}
