import { CloudWatchLogsClient, paginateDescribeLogStreams } from "@aws-sdk/client-cloudwatch-logs";
import { toldGroup } from "../../messages/post";
import type { Rollout } from "../../model/rollout";
import type { ReportTold } from "../data";

/** What people were told of each stage, in every attempt, as the stages' own logs keep it. */
export async function readTold(rollout: Rollout, region: string): Promise<ReportTold[]> {
  const client = new CloudWatchLogsClient({ region });
  try {
    const stages = rollout.stages.filter(({ messages }) => Object.keys(messages).length > 0);
    const found = await Promise.all(stages.map(({ name }) => readStage(client, rollout.name, name)));
    return found.flat().sort((a, b) => Date.parse(a.at) - Date.parse(b.at));
  } finally {
    client.destroy();
  }
}

async function readStage(
  client: CloudWatchLogsClient,
  rollout: string,
  stage: string,
): Promise<ReportTold[]> {
  const found: ReportTold[] = [];
  try {
    const query = { logGroupName: toldGroup(rollout, stage) };
    for await (const { logStreams = [] } of paginateDescribeLogStreams({ client }, query))
      for (const { logStreamName = "", creationTime } of logStreams) {
        const [, attempt, row, to] = /^attempt-(\d+)\/([^/]+)\/([^/]+)$/.exec(logStreamName) ?? [];
        if (attempt === undefined || row === undefined || to === undefined || creationTime === undefined)
          continue;
        found.push({ row, stage, attempt: Number(attempt), to, at: new Date(creationTime).toISOString() });
      }
  } catch (error) {
    // A stage that was never brought up has no log yet: nobody was told anything.
    if (error instanceof Error && error.name === "ResourceNotFoundException") return [];
    throw error;
  }
  return found;
}
