import { join, relative, resolve } from "node:path";
import { createProgress, openSandbox, type Progress, type Sandbox } from "../../sandbox";
import { short } from "../../src/text/command";
import { UserError } from "../../src/text/problem";
import { keep, toStop, toWorkIn } from "../sandbox/keep";
import { PROGRAM } from "../sandbox/project";
import { derived } from "./derived/derived";
import type { Proofs } from "./derived/proofs";
import { unprovenStep } from "./derived/unproven";
import { finishOpsView, rehearseOpsView, retireOpsView } from "./ops-view";
import { openOpsView } from "./ops-view-world";
import type { Rehearsed } from "./rehearsed";
import { writeReport } from "./report";
import type { Stage } from "./steps";
import { Timeline, UnexpectedOutcome } from "./timeline";
import { finishPipeline, rehearsePipeline, retirePipeline } from "./v2-pipeline";
import { openPipeline } from "./v2-pipeline-world";
import type { World } from "./world";

export interface RehearseOptions {
  /** Which of the shipped rollouts. Default: ops-view. */
  readonly rollout?: string;
  /** The folder of any rollout's stack files, in the place of a shipped one. */
  readonly cwd?: string;
  /** The happy path and one abort alone. */
  readonly quick?: boolean;
  /** Every row by itself. */
  readonly rows?: boolean;
  /** Every rollout, one after the other. */
  readonly all?: boolean;
  /** Leaves the sandbox running and says how to work with it by hand. */
  readonly keep?: boolean;
  /** Uses the vendor's resource plugins instead of the sandbox's own. */
  readonly officialPlugins?: boolean;
}

/** What a rehearsal does: promotions and aborts, then its finish, and in the end nothing of it is left. */
interface ActsOn<W extends World> {
  readonly rehearse: (stage: Stage<W>) => Promise<void>;
  readonly finish: (stage: Stage<W>) => Promise<void>;
  readonly retire: (stage: Stage<W>) => Promise<void>;
}

function rehearsed<W extends World>(
  about: Omit<Rehearsed, "open">,
  open: (sandbox: Sandbox, progress: Progress) => Promise<W>,
  { rehearse, finish, retire }: ActsOn<W>,
): Rehearsed {
  return {
    ...about,
    open: async (sandbox, progress) => {
      const world = await open(sandbox, progress);
      const on = (act: (stage: Stage<W>) => Promise<void>) => (timeline: Timeline) =>
        act({ world, timeline });
      return { world, acts: { rehearse: on(rehearse), finish: on(finish), retire: on(retire) } };
    },
  };
}

const folder = join(PROGRAM, ".cutover");

/** Where the timeline of the first rollout is written, beside the project. */
export const REHEARSAL_FILE = join(folder, "rehearsal.json");

const REHEARSALS: Readonly<Record<string, Rehearsed>> = {
  "ops-view": rehearsed(
    {
      file: REHEARSAL_FILE,
      page: join(folder, "rehearsal.html"),
      pace: "an hour passes in a second, or slower where the machine is busy",
      stack: "stageB",
    },
    openOpsView,
    { rehearse: rehearseOpsView, finish: finishOpsView, retire: retireOpsView },
  ),
  "v2-pipeline": rehearsed(
    {
      file: join(folder, "rehearsal-v2-pipeline.json"),
      page: join(folder, "rehearsal-v2-pipeline.html"),
      pace: "a day passes in a second",
      stack: "percent50",
    },
    openPipeline,
    { rehearse: rehearsePipeline, finish: finishPipeline, retire: retirePipeline },
  ),
};

/** Rehearses a whole cutover on this machine, or every one. Returns the exit code. */
export async function rehearse(options: RehearseOptions): Promise<number> {
  const names = chosen(options);
  const { cwd, quick, rows } = options;
  const mode = quick ? "quick" : rows ? "rows" : "story";
  if (cwd !== undefined || mode !== "story") {
    const plan = derived(resolve(cwd ?? sourceOf(names[0] as string)), mode);
    return rehearseOne(plan.rollout, plan, options);
  }
  let code = 0;
  for (const rollout of names)
    code = Math.max(code, await rehearseOne(rollout, REHEARSALS[rollout] as Rehearsed, options));
  return code;
}

/** Where a shipped rollout's stack files are. */
const sourceOf = (rollout: string) => (rollout === "ops-view" ? PROGRAM : join(PROGRAM, "rollouts", rollout));

/** The rollouts to rehearse. Throws a `UserError` on what cannot be meant. */
export function chosen({ rollout, all, keep, cwd, quick, rows }: RehearseOptions): string[] {
  const known = Object.keys(REHEARSALS);
  const wrong = (what: string, remedy: string) =>
    new UserError("This cannot be rehearsed:", [{ where: "rehearse", what, remedy }]);
  if (quick && rows) throw wrong("--quick and --rows ask for different things", "Use one");
  if (cwd !== undefined && (all || rollout !== undefined))
    throw wrong(`-C names a rollout, and so does ${all ? "--all" : "--rollout"}`, "Use one");
  if (all && (quick || rows))
    throw wrong(`--all tells every story, and ${quick ? "--quick" : "--rows"} is of one rollout`, "Use one");
  if (all && rollout !== undefined) throw wrong("--all and --rollout ask for different things", "Use one");
  if (all && keep)
    throw wrong("--keep leaves one sandbox, and --all opens several", "Name one with --rollout");
  const names = all ? known : [rollout ?? (known[0] as string)];
  for (const name of names)
    if (!Object.hasOwn(REHEARSALS, name))
      throw wrong(`there is no rehearsal of ${name}`, `Rehearsed are: ${known.join(", ")}`);
  return names;
}

async function rehearseOne(rollout: string, plan: Rehearsed, options: RehearseOptions): Promise<number> {
  const progress = createProgress();
  const timeline = new Timeline(rollout, (line) => console.log(line));
  const sandbox = await openSandbox({ progress, officialPlugins: options.officialPlugins ?? false });
  let world: World | undefined;
  let proofs: Proofs | undefined;
  let reported: { readonly failed: string | undefined } | undefined;
  let summary = "";
  const report = async (of: World) => {
    reported = { failed: await writeReport(of, timeline.result().steps, plan.page) };
  };
  try {
    const opened = await plan.open(sandbox, progress);
    ({ world, proofs } = opened);
    console.log(`Rehearsing ${rollout} on Pulumi ${sandbox.engine.version}; ${plan.pace}.\n`);
    timeline.begin();
    const { acts } = opened;
    await acts.rehearse(timeline);
    // Whoever keeps it goes on by hand, and what is finished goes nowhere.
    if (!options.keep) {
      await acts.finish(timeline);
      // What is taken away next is what the page is made from.
      await report(world);
      await acts.retire(timeline);
      if (options.rows && proofs) unprovenStep(timeline, proofs);
    }
    await world.traffic.stop();
  } catch (error) {
    if (!(error instanceof UnexpectedOutcome)) throw error;
  } finally {
    summary = timeline.summary();
    await timeline.write(plan.file, proofs?.toJSON());
    if (world && !reported && timeline.result().steps.length > 0 && !sandbox.closing.aborted)
      await report(world);
    await world?.stop();
    if (options.keep && world && !sandbox.closing.aborted)
      await handOver(sandbox, world, rollout, plan.stack);
    else await sandbox.stop();
  }
  const unreported = reported?.failed;
  const within = (file: string) => relative(process.cwd(), file);
  const page = unreported === undefined ? `, the report in ${within(plan.page)}` : "";
  console.log(`\n${summary}\nThe timeline is in ${within(plan.file)}${page}`);
  if (unreported !== undefined) console.error(`The report could not be written: ${unreported}`);
  return timeline.ok && unreported === undefined ? 0 : 1;
}

/** Leaves everything running for a person to go on by hand: then plain `pulumi` works on the rehearsal's stacks. */
async function handOver(sandbox: Sandbox, world: World, rollout: string, stack: string): Promise<void> {
  const { folder: project } = world.project;
  const name = await keep(sandbox, { rollout, project, servers: world.fleet.urls });
  console.log(`
The sandbox keeps running. In a shell:

${[...toWorkIn(name, project), short.ofStack("preview", stack), short.ofStack("up", stack)].map((line) => `  ${line}`).join("\n")}

Servers: ${world.fleet.urls.join(", ")}
When done: ${toStop(name)}`);
}
