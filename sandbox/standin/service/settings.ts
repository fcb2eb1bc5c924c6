import { readFileSync } from "node:fs";
import { z } from "zod";
import { readEnvironment, serverSettings, text } from "../../demo/service/settings";
import type { GivenAnswers } from "./given";
import type { Scripted } from "./serviceRows";

const SHORTEST_MS = 10;

/** A server's environment. */
const Environment = z.object({
  ...serverSettings("standin-1", "StandIn", SHORTEST_MS),
  /** The file that says what to answer, see `Written`. */
  STANDIN: text(),
  /** Bearer tokens by their roles, as JSON. */
  STANDIN_TOKENS: z.string().default("{}"),
});
export type Settings = z.output<typeof Environment>;

export const readSettings = (env: NodeJS.ProcessEnv): Settings => readEnvironment(Environment, env);

/** What a server is told in a file. No secret is in it. */
export interface Written {
  readonly rollout: Scripted;
  readonly answers: GivenAnswers;
  readonly timeScale: number;
  /** The schema that queries are about. */
  readonly schema: string;
}

export const readWritten = ({ STANDIN }: Settings): Written =>
  JSON.parse(readFileSync(STANDIN, "utf8")) as Written;
