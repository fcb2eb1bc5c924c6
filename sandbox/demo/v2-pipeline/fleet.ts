import { join } from "node:path";
import type { z } from "zod";
import { type Servers, type ServersOptions, startServers } from "../service/servers";
import type { Faults } from "./faults";

export interface FleetOptions extends Omit<ServersOptions, "names" | "main"> {
  count: number;
}

/** The servers of the import service: imports-1, imports-2, … */
export type Fleet = Servers<z.input<typeof Faults>>;

/** Runs several servers side by side, as processes that share database and flags. */
export function startFleet({ count, ...where }: FleetOptions): Promise<Fleet> {
  return startServers({
    ...where,
    names: Array.from({ length: count }, (_, index) => `imports-${index + 1}`),
    main: join(__dirname, "main.ts"),
  });
}
