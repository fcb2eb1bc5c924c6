import { CloudWatchClient } from "@aws-sdk/client-cloudwatch";
import { alarmChanges, alarmsNow } from "../../aws/alarms";
import { withClient } from "../../aws/clients";
import { awsFailure } from "../../aws/failure";
import type { Gate } from "../gate";
import { NOTHING_LIVE, type Sources } from "../look";
import type { Seen } from "../observation";

type AlarmState = Extract<Seen, { kind: "alarms" }>["alarms"][number];

/** The states of a gate's alarms now, and when each last fired since the flags are live. */
export async function look(
  gate: Pick<Gate, "alarms">,
  { ledger, region }: Pick<Sources, "ledger" | "region">,
): Promise<Seen> {
  if (!ledger.live) return NOTHING_LIVE;
  const since = Date.parse(ledger.live.completedAt);
  const rows = Object.entries(gate.alarms ?? {});
  const names = rows.map(([, name]) => name);
  try {
    const alarms = await withClient(CloudWatchClient, { region }, async (client) => {
      const now = await alarmsNow(client, names);
      const ofRow = async ([row, name]: readonly [string, string]): Promise<AlarmState> => {
        const state = now.get(name)?.state;
        if (state === undefined) return { row, state: "missing" };
        const firedAt = await lastFired(client, name, since);
        return { row, state, ...(firedAt === undefined ? {} : { firedAt }) };
      };
      return Promise.all(rows.map(ofRow));
    });
    return { kind: "alarms", since: new Date(since).toISOString(), alarms };
  } catch (error) {
    return awsFailure(error);
  }
}

/** The last time that an alarm went into ALARM since `since` (ms since the epoch), from its history; `since` where it was there already. */
async function lastFired(client: CloudWatchClient, name: string, since: number): Promise<string | undefined> {
  let last = 0;
  for (const { at, from, to } of await alarmChanges(client, name, since)) {
    if (to === "ALARM") last = Math.max(last, at);
    else if (from === "ALARM") last = Math.max(last, since);
  }
  return last > 0 ? new Date(last).toISOString() : undefined;
}
