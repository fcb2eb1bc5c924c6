import { userInfo } from "node:os";
import { readLoosely } from "../../src/abort/looseConfig";
import type { Message } from "../../src/abort/pages";
import { dismissedKey } from "../../src/abort/reminder";
import { keptPagesIn } from "../../src/abort/seen";
import { tellEveryone } from "../../src/abort/tellEveryone";
import { KeptLog } from "../../src/aws/keptLog";
import { failure } from "../../src/aws/known";
import { alarmName, decisionsGroup } from "../../src/aws/names";
import { field, subjectOf } from "../../src/channels/plain";
import { loadRollout } from "../../src/rollout/load";
import { type Rollout, requireStage, type Stage } from "../../src/rollout/rollout";
import { existingArns } from "../../src/rollout/topics";
import { UserError } from "../../src/text/problem";
import { EXIT, UsageError } from "../exit";

export interface DismissOptions {
  readonly stage: string;
  readonly row: string;
  readonly reason: string;
  readonly by?: string | undefined;
  /** The folder with the stack files. */
  readonly folder: string;
  readonly env?: NodeJS.ProcessEnv;
  readonly print?: (line: string) => void;
  readonly now?: number;
}

/**
 * Records that an alarm which only pages needs no rollback, and tells on-call so. Returns the exit code. Throws a
 * `UserError` where the row asks for no decision, or where nothing could be recorded.
 */
export async function dismissCommand(options: DismissOptions): Promise<number> {
  const { row, folder, env = process.env, print = console.log, now = Date.now() } = options;
  const rollout = loadRollout(folder);
  const stage = requireStage(rollout, options.stage);
  const reason = options.reason.trim();
  check(stage, row, reason);
  const region = env.AWS_REGION ?? env.AWS_DEFAULT_REGION ?? readLoosely(folder).region;
  if (!region)
    throw refusal(row, { where: "AWS_REGION", what: "is missing", remedy: "Set it, and run this again" });
  const by = options.by ?? userInfo().username;
  const fired = await record(rollout, stage, region, dismissedKey(row, now), { row, by, reason });
  print(`${rollout.name} ${stage.name} ${row}: dismissed by ${by}. Alarms before now are not reminded of.`);
  const untold = await tellEveryone(
    region,
    { name: rollout.name, existing: existingArns(rollout) },
    told(rollout, stage, { row, by, reason }, fired),
    ["onCall"],
  );
  for (const problem of untold) print(`WARNING: on-call could not be told: ${problem}`);
  return EXIT.ok;
}

interface Decision {
  readonly row: string;
  readonly by: string;
  readonly reason: string;
}

function check(stage: Stage, row: string, reason: string): void {
  const asking = Object.keys(stage.abort).filter((id) => stage.abort[id]?.remind !== undefined);
  if (!asking.includes(row))
    throw refusal(row, {
      where: "--row",
      what: `${row} asks for no decision in ${stage.name}`,
      remedy: `Rows that do: ${asking.join(", ") || "none"}`,
    });
  if (reason.length < 3)
    throw new UsageError(`${row} is not dismissed:`, [
      { where: "--reason", what: "says nothing", remedy: "Say why, for the record" },
    ]);
}

/** So many alarms that fired before are told to be decided with the last. */
const DECIDED = 10;

/** Records it. Returns when the row's last alarms fired, newest first; none where that cannot be read. */
async function record(
  rollout: Rollout,
  stage: Stage,
  region: string,
  key: string,
  decision: Decision,
): Promise<string[]> {
  const group = decisionsGroup(rollout.name, stage.name);
  const decisions = new KeptLog(region, group);
  try {
    await decisions.keep(key, JSON.stringify({ decision: "dismissed", ...decision }));
    const pages = await decisions.keys().then(
      (keys) => keptPagesIn(keys.keys()),
      () => [],
    );
    return pages.flatMap((page) => (page.row === decision.row ? [page.at] : [])).slice(0, DECIDED);
  } catch (error) {
    throw refusal(decision.row, {
      where: group,
      what: `cannot be written to: ${failure(error).why}`,
      remedy: `Check the credentials and the region, and that ${stage.name} is up; nothing was recorded`,
    });
  } finally {
    decisions.close();
  }
}

function told(
  rollout: Rollout,
  stage: Stage,
  { row, by, reason }: Decision,
  fired: readonly string[],
): Message {
  const text = [
    `${rollout.name} ${stage.name} ${row}: dismissed. The flags stay as they are.`,
    "",
    field("Rollout", rollout.name),
    field("Stage", `${stage.name}, attempt ${stage.attempt}`),
    field("Row", row),
    field("By", by),
    field("Reason", reason),
  ].join("\n");
  return {
    subject: subjectOf(`Dismissed: ${rollout.name} ${stage.name} ${row}`),
    text,
    attributes: {
      ...{ kind: "dismissed", rollout: rollout.name, stage: stage.name, row },
      alarm: alarmName(rollout.name, stage.name, row),
      ...(fired.length === 0 ? {} : { fired: fired.join(" ") }),
    },
  };
}

function refusal(row: string, problem: UserError["problems"][number]): UserError {
  return new UserError(`${row} is not dismissed:`, [problem]);
}
