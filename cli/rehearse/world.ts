import type pg from "pg";
import type { Sandbox } from "../../sandbox";
import type { Servers } from "../../sandbox/demo/service/servers";
import type { SandboxProject } from "../sandbox/project";
import { untilSo } from "./pace";
import type { Webhook } from "./webhook";

/** Flags as one server says that it has them. */
export type ServedFlags = Readonly<Record<string, boolean | number>>;

/** All that a cutover is about, running: database, servers, clients, pager. */
export interface World<Faults extends object = object> {
  readonly sandbox: Sandbox;
  readonly project: SandboxProject;
  readonly pool: pg.Pool;
  readonly fleet: Servers<Faults>;
  readonly webhook: Webhook;
  /** The flags of each server. */
  servedFlags(): Promise<ServedFlags[]>;
  /** Which servers do not tell their flags, and why, a sentence each. */
  untold?(): Promise<string[]>;
  /** Ends what is not the sandbox's own; the sandbox ends the rest. */
  stop(): Promise<void>;
}

/** Waits until every server says that it has these flags. Returns what they say in the end, also when they do not. */
export async function untilServed(
  world: Pick<World, "sandbox" | "servedFlags">,
  flags: ServedFlags,
): Promise<ServedFlags> {
  const same = (served: ServedFlags) =>
    Object.entries(flags).every(([flag, value]) => served[flag] === value);
  let last: ServedFlags = {};
  const asked = async () => {
    const served = await world.servedFlags();
    const odd = served.find((one) => !same(one));
    last = odd ?? served[0] ?? {};
    return odd ? undefined : last;
  };
  return (await untilSo(asked, world.sandbox.closing, 100)) ?? last;
}
