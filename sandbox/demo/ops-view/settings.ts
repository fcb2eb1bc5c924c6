import { z } from "zod";
import { readEnvironment, serverSettings, text } from "../service/settings";
import { KNOWN } from "./known-items";

const SHORTEST_MS = 50;

/** A server's environment. */
const Environment = z.object({
  ...serverSettings("ops-1", "OpsView", SHORTEST_MS),
  ANALYST_TOKEN: text(),
  VERIFIER_TOKEN: text(),
  ADMIN_TOKEN: text(),
  WORKSPACE: z.string().min(1).default(KNOWN.workspace),
  KNOWN_PATCHES: z.coerce.number().int().min(0).default(KNOWN.patches),
  KNOWN_RFIS: z.coerce.number().int().min(0).default(KNOWN.rfis),
});
export type Settings = z.output<typeof Environment>;

export const readSettings = (env: NodeJS.ProcessEnv): Settings => readEnvironment(Environment, env);
