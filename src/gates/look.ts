import type { z } from "zod";
import { failed } from "../aws/failure";
import type { Ledger } from "../flags/ledger";
import type { ServersConfig } from "../flags/servers";
import type { SqlSource } from "./database";
import type { DatabaseConnection } from "./databaseConnection";
import type { Elsewhere } from "./elsewhere/ask";
import type { Gate } from "./gate";
import type { signOff } from "./kinds/signOff";
import type { Observation } from "./observation";
import type { Service } from "./service";
import type { Check, CheckContext } from "./smokeCheck";
import type { WindowContext } from "./window";

/** The stage whose promotion is asked for, as far as people's statements go: their times may have any offset. */
export interface Stated {
  readonly name: string;
  readonly signOffs: Readonly<Record<string, Omit<z.infer<typeof signOff.sees>, "kind" | "liveSince">>>;
}

/** Looks at gates from within a private network, in the place of this process. */
export interface Away {
  /**
   * One observation of each gate, in their order. Throws nothing: where no answer came that counts, each observation
   * says why.
   */
  look(gates: readonly Gate[], sources: Sources): Promise<readonly Observation[]>;
}

/** What measuring needs from outside. */
export interface Sources {
  readonly ledger: Ledger;
  /** The stage whose flags are live, and whose soak counts. */
  readonly live: string;
  /** The stage to be promoted: its sign-offs count. */
  readonly promoted: Stated;
  readonly parameters: CheckContext["parameters"];
  readonly checks: Readonly<Record<string, Check>>;
  readonly database?: DatabaseConnection | undefined;
  /** Why nobody may log in to it from here. */
  readonly withheld?: string | undefined;
  /** The same, open: while gates are measured. */
  readonly sql?: SqlSource | undefined;
  readonly service?: Service | undefined;
  /** The services of others that gates ask by name. */
  readonly elsewhere?: Elsewhere | undefined;
  readonly servers?: ServersConfig | undefined;
  readonly region: string;
  readonly timeScale: number;
  /** True where somebody acts on what is seen: what says `writes: true` may change something in the app then alone. */
  readonly acting?: boolean | undefined;
  /** Who looks at what may lie in a private network. Absent where this process does. */
  readonly away?: Away | undefined;
}

/** What windows are read against; undefined where nothing is live. */
export function windowContext({ ledger, timeScale }: Sources): WindowContext | undefined {
  return ledger.live && { liveSince: Date.parse(ledger.live.completedAt), timeScale };
}

export const NO_DATABASE = failed("unreachable", "the rollout declares no database");
export const NO_SERVICE = failed("unreachable", "the rollout declares no service");
export const NOTHING_LIVE = failed("no-data", "no flags are live");
