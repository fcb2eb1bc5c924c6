import type pg from "pg";
import type { Sandbox } from "../../sandbox";
import type { Servers } from "../../sandbox/demo/service/servers";
import type { Flags } from "../../src/flags/flags";
import type { SandboxProject } from "../sandbox/project";
import { untilSo } from "./pace";
import { Standstill } from "./standstill";
import type { Webhook } from "./webhook";

/** Flags as one server says that it has them. */
export type ServedFlags = Flags;

/** A server that does not tell its flags as the rollout says that it does. */
export interface Untold {
  /** What it answers instead, a sentence. */
  readonly says: string;
  /** For how long it may say so before it is no slowness any more, in ms; absent where waiting may always help. */
  readonly lastsMs?: number | undefined;
}

/** All that a cutover is about, running: database, servers, clients, pager. */
export interface World<Faults extends object = object> {
  readonly sandbox: Sandbox;
  readonly project: SandboxProject;
  readonly pool: pg.Pool;
  readonly fleet: Servers<Faults>;
  readonly webhook: Webhook;
  /** What neither a timeline nor a log may hold, beside what the sandbox's environment says. */
  readonly secrets: readonly string[];
  /** The flags of each server. */
  servedFlags(): Promise<ServedFlags[]>;
  /** The servers that do not tell their flags. */
  untold?(): Promise<Untold[]>;
  /** Ends what is not the sandbox's own; the sandbox ends the rest. */
  stop(): Promise<void>;
}

/**
 * Waits until every server says that it has these flags. Returns what they say in the end, also when they do not.
 *
 * @param givesUp also before the time is over, where every server goes on answering what no waiting mends: while nothing
 * is restarted and no fault is set, that is a mistake in how it is set up
 */
export async function untilServed(
  world: Pick<World, "sandbox" | "servedFlags" | "untold" | "fleet">,
  flags: ServedFlags,
  givesUp = false,
): Promise<ServedFlags> {
  const standstill = new Standstill();
  const same = (served: ServedFlags) =>
    Object.entries(flags).every(([flag, value]) => served[flag] === value);
  let last: ServedFlags = {};
  const asked = async () => {
    const served = await world.servedFlags();
    const odd = served.find((one) => !same(one));
    last = odd ?? served[0] ?? {};
    if (!odd) return last;
    return givesUp && (await hopeless(world, standstill)) ? last : undefined;
  };
  return (await untilSo(asked, world.sandbox.closing, 100)) ?? last;
}

/** Whether every server has long answered what waiting does not mend. One that does not answer in time is none of these. */
async function hopeless(
  { untold, fleet }: Pick<World, "untold" | "fleet">,
  standstill: Standstill,
): Promise<boolean> {
  const found = (await untold?.()) ?? [];
  const lasting = found.flatMap(({ lastsMs }) => lastsMs ?? []);
  const every = found.length > 0 && lasting.length === fleet.urls.length;
  const said = every ? found.map(({ says }) => says).join("\n") : undefined;
  return standstill.lasts(said, Math.max(0, ...lasting), performance.now());
}
