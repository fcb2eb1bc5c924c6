import { CloudWatchClient } from "@aws-sdk/client-cloudwatch";
import pLimit from "p-limit";
import { alarmChanges, alarmsNow } from "../../../src/aws/alarms";
import { withClient } from "../../../src/aws/clients";
import { alarmName } from "../../../src/aws/names";
import type { Rollout } from "../../../src/rollout/rollout";
import type { ReportAlarm } from "../data";
import { attempt } from "./reason";

type State = ReportAlarm["state"];

/** Calls under way at once: CloudWatch throttles histories early. */
const CONCURRENCY = 3;

/** The abort alarms of all stages: how they are now, and what they went through since a time (ms since the epoch). */
export function alarmHistories(rollout: Rollout, region: string, since: number): Promise<ReportAlarm[]> {
  return withClient(CloudWatchClient, { region }, async (client) => {
    const rows = rollout.stages.flatMap((stage) =>
      Object.entries(stage.abort).map(([row, { title, action }]) => ({
        row,
        stage: stage.name,
        title,
        action,
        name: alarmName(rollout.name, stage.name, row),
      })),
    );
    const now = await alarmsNow(
      client,
      rows.map(({ name }) => name),
    );
    const limit = pLimit(CONCURRENCY);
    return Promise.all(
      rows.map(async ({ name, ...row }): Promise<ReportAlarm> => {
        const state = now.get(name)?.state ?? "missing";
        const history = await limit(() => attempt(() => readHistory(client, name, since)));
        return { ...row, state, history };
      }),
    );
  });
}

async function readHistory(
  client: CloudWatchClient,
  name: string,
  since: number,
): Promise<{ at: string; to: State }[]> {
  const changes = await alarmChanges(client, name, since);
  return changes.flatMap(({ at, to }) => (to === undefined ? [] : [{ at: new Date(at).toISOString(), to }]));
}
