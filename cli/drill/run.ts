import { readLoosely } from "../../src/abort/looseConfig";
import { showFlags } from "../../src/flags/flags";
import type { ServersConfig } from "../../src/flags/servers";
import { loadRollout } from "../../src/rollout/load";
import { type Rollout, type Stage, stageNamed } from "../../src/rollout/rollout";
import { counted } from "../../src/text/counted";
import type { Problem } from "../../src/text/problem";
import { createProgress } from "../../src/text/progress";
import { requireUnfinishedIn } from "../finished";
import { placeHere } from "../locate";
import { refusal } from "./refusal";
import { Drill, type DrillResult, limitOf, PATIENCE_MS } from "./stageDrill";

export interface DrillOptions {
  readonly stage: string;
  /** The folder with the stack files. */
  readonly folder: string;
  /** Prints the result as JSON, and nothing else. */
  readonly json?: boolean | undefined;
  readonly env?: NodeJS.ProcessEnv;
  readonly print?: (line: string) => void;
  /** How long to wait for each part in ms, when it does not come. */
  readonly patience?: number;
}

/**
 * Proves that an alarm reaches the servers, without harm: publishes a breaching data point of the drill's own
 * metric, and waits until every server shows the token that the switch deploys with the same flags. Takes AWS
 * credentials and the stack files, no Pulumi. Returns the exit code: 0 when all of it took less than the limit.
 */
export async function drillCommand(options: DrillOptions): Promise<number> {
  const { folder, env = process.env, print = console.log, json = false } = options;
  const rollout = loadRollout(folder);
  const { stage, servers } = drillable(rollout, options.stage);
  const region = env.AWS_REGION ?? env.AWS_DEFAULT_REGION ?? readLoosely(folder).region;
  if (!region)
    throw refusal(stage.name, {
      where: "AWS_REGION",
      what: "is missing",
      remedy: "Set it, and run this again",
    });
  await requireUnfinishedIn(region, rollout.name, "Nothing is drilled");
  const say = json ? () => {} : print;
  const drill = new Drill(
    rollout,
    stage,
    servers,
    region,
    say,
    options.patience ?? PATIENCE_MS,
    placeHere(rollout.name, folder),
  );
  try {
    const result = await createProgress().step(`Drilling ${stage.name}`, () => drill.run());
    if (json) print(JSON.stringify(result));
    else for (const line of report(result, limitOf(rollout, stage))) print(line);
    return result.ok ? 0 : 1;
  } finally {
    drill.close();
  }
}

/** The stage, where there is anything to drill. */
function drillable(rollout: Rollout, name: string): { stage: Stage; servers: ServersConfig } {
  const stage = stageNamed(rollout, name);
  const refuse = (problem: Problem): never => {
    throw refusal(name, problem);
  };
  if (!stage)
    return refuse({
      where: "-s",
      what: "names no stage",
      remedy: `Known stages: ${rollout.stages.map((one) => one.name).join(", ")}`,
    });
  if (Object.keys(stage.abort).length === 0)
    refuse({
      where: `stage ${name}`,
      what: "declares no abort alarms, so it has no switch to drill",
      remedy: "Add abort: to its config, and bring it up",
    });
  const { servers } = rollout;
  if (!servers)
    return refuse({
      where: "cutover:rollout",
      what: "lists no servers, so none could show the drill",
      remedy: "Add servers: to cutover:rollout",
    });
  return { stage, servers };
}

const PARTS = [
  ["detect", "breaching data point → alarm"],
  ["decide", "alarm → deployment started"],
  ["deployed", "started → completed"],
  ["converged", "completed → the last server shows it"],
] as const;

function report(
  { ms, ok, problems, servers, flags }: DrillResult,
  { row, within }: ReturnType<typeof limitOf>,
): string[] {
  const line = (name: string, value: number | undefined, what: string) =>
    `  ${name.padEnd(10)}${(value === undefined ? "–" : `${value} ms`).padStart(10)}   ${what}`;
  return [
    ...PARTS.map(([part, what]) => line(part, ms[part], what)),
    ...(ms.restart === undefined
      ? []
      : [line("restart", ms.restart, "of servers, as measured at the last flip")]),
    line("total", ms.total, `of ${within}${row ? ` (${row})` : ""}; ${counted(servers, "server")}`),
    ...problems.map((problem) => `  ! ${problem}`),
    ok ? `The alarm path works. Flags as before: ${showFlags(flags)}.` : "The drill did not go through.",
  ];
}
