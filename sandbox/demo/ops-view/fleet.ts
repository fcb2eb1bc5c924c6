import { join } from "node:path";
import type { z } from "zod";
import { type Servers, type ServersOptions, startServers } from "../service/servers";
import type { Faults } from "./faults";
import type { Tokens } from "./identity";

export interface FleetOptions extends Omit<ServersOptions, "prefix" | "main"> {
  tokens: Tokens;
}

/** The servers of the operations view: ops-1, ops-2, … */
export type Fleet = Servers<z.input<typeof Faults>>;

/** Runs several servers side by side, as processes that share database and flags. */
export function startFleet({ tokens, settings, ...where }: FleetOptions): Promise<Fleet> {
  return startServers({
    ...where,
    prefix: "ops",
    main: join(__dirname, "main.ts"),
    settings: {
      ANALYST_TOKEN: tokens.analyst,
      VERIFIER_TOKEN: tokens.verifier,
      ADMIN_TOKEN: tokens.admin,
      ...settings,
    },
  });
}
