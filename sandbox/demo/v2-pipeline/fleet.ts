import { join } from "node:path";
import type { z } from "zod";
import { type Servers, type ServersOptions, startServers } from "../service/servers";
import type { Faults } from "./faults";

/** The servers of the import service: imports-1, imports-2, … */
export type Fleet = Servers<z.input<typeof Faults>>;

/** Runs several servers side by side, as processes that share database and flags. */
export function startFleet(options: Omit<ServersOptions, "prefix" | "main">): Promise<Fleet> {
  return startServers({ ...options, prefix: "imports", main: join(__dirname, "main.ts") });
}
