import { CloudWatchClient, DescribeAlarmsCommand } from "@aws-sdk/client-cloudwatch";
import type pg from "pg";
import type { Sandbox } from "../../sandbox";
import { emulated } from "../../sandbox/aws/emulated";
import type { Servers } from "../../sandbox/demo/service/servers";
import { UserError } from "../../src/text/problem";
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

/** Waits until all alarms of a rollout are quiet: nothing is promoted before. */
export async function untilQuiet({ sandbox }: Pick<World, "sandbox">, rollout: string): Promise<void> {
  const client = new CloudWatchClient(emulated(sandbox.aws));
  const command = new DescribeAlarmsCommand({ AlarmNamePrefix: `${rollout}-`, StateValue: "ALARM" });
  let ringing: string[] = [];
  try {
    const quiet = await untilSo(async () => {
      const { MetricAlarms = [] } = await client.send(command);
      ringing = MetricAlarms.map(({ AlarmName }) => AlarmName ?? "");
      return ringing.length === 0 || undefined;
    }, sandbox.closing);
    if (!quiet) throw new UserError(`Still in ALARM: ${ringing.join(", ")}`);
  } finally {
    client.destroy();
  }
}
