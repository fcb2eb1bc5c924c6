import { KeptLog } from "../../../src/aws/keptLog";
import { sentGroup } from "../../../src/messages/post";
import type { Rollout } from "../../../src/rollout/rollout";
import type { ReportTold } from "../data";

/** What people were told of each stage, in every attempt, as the stages' own logs keep it. */
export async function toldInEveryAttempt(rollout: Rollout, region: string): Promise<ReportTold[]> {
  const stages = rollout.stages.filter(({ messages }) => Object.keys(messages).length > 0);
  const found = await Promise.all(stages.map(({ name }) => readStage(region, rollout.name, name)));
  return found.flat().sort((a, b) => Date.parse(a.at) - Date.parse(b.at));
}

async function readStage(region: string, rollout: string, stage: string): Promise<ReportTold[]> {
  const log = new KeptLog(region, sentGroup(rollout, stage));
  try {
    return [...(await log.keys())].flatMap(([key, kept]): ReportTold[] => {
      const [, attempt, row, to] = /^attempt-(\d+)\/([^/]+)\/([^/]+)$/.exec(key) ?? [];
      if (attempt === undefined || row === undefined || to === undefined || kept === undefined) return [];
      return [{ row, stage, attempt: Number(attempt), to, at: new Date(kept).toISOString() }];
    });
  } catch (error) {
    // A stage that was never brought up has no log yet: nobody was told anything.
    if (error instanceof Error && error.name === "ResourceNotFoundException") return [];
    throw error;
  } finally {
    log.close();
  }
}
