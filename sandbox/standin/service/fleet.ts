import { randomUUID } from "node:crypto";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Rollout } from "../../../src/rollout/rollout";
import type { Sandbox } from "../..";
import { type Servers, type ServersOptions, startServers } from "../../demo/service/servers";
import type { StandInFaults } from "./faults";
import type { GivenAnswers } from "./given";
import type { Written } from "./settings";

export interface StandInOptions extends Omit<ServersOptions, "prefix" | "main" | "sandbox"> {
  readonly sandbox: Pick<Sandbox, "spawn" | "env" | "postgres" | "dir">;
  readonly rollout: Pick<Rollout, "stages" | "flags" | "parameters" | "servers" | "sources" | "database">;
  /** The bearer tokens that gates send, by their roles. */
  readonly tokens?: Readonly<Record<string, string>>;
  /** What people say that a row's steps are answered, by the row's name (`stageA.SA2`). */
  readonly answers?: GivenAnswers | undefined;
  /** How much faster declared durations pass than the clock. Default: 1. */
  readonly timeScale?: number;
}

/** The servers of an app that is made up for a rollout: app-1, app-2, … */
export type StandIn = Servers<StandInFaults>;

/** Runs the app that a rollout's gates ask, as servers that read its flags. */
export async function startStandIn({
  rollout,
  tokens = {},
  answers = {},
  timeScale = 1,
  settings,
  ...where
}: StandInOptions): Promise<StandIn> {
  const { stages, flags, parameters, servers, sources, database } = rollout;
  const written: Written = {
    rollout: { stages, flags, parameters, servers, sources },
    answers,
    timeScale,
    schema: database?.schema ?? "public",
  };
  // A file, since a rollout may be longer than an environment variable can be.
  const file = join(where.sandbox.dir, `standin-${randomUUID()}.json`);
  await writeFile(file, JSON.stringify(written));
  return startServers({
    ...where,
    prefix: "app",
    main: join(__dirname, "main.ts"),
    settings: { STANDIN: file, STANDIN_TOKENS: JSON.stringify(tokens), ...settings },
  });
}
