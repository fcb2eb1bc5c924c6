import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { createProgress, openSandbox, type Progress, type Sandbox } from "../../sandbox";
import { outside, short } from "../../src/text/command";
import { UserError } from "../../src/text/problem";
import { POLICY_PACK } from "../policyPack";
import { rehearseOpsView } from "./ops-view";
import { openOpsView } from "./ops-view-world";
import { PROGRAM } from "./project";
import { writeReport } from "./report";
import type { Stage } from "./steps";
import { Timeline, UnexpectedOutcome } from "./timeline";
import { rehearsePipeline } from "./v2-pipeline";
import { openPipeline } from "./v2-pipeline-world";
import type { World } from "./world";

export interface RehearseOptions {
  /** Which rollout. Default: ops-view. */
  readonly rollout?: string;
  /** Every rollout, one after the other. */
  readonly all?: boolean;
  /** Leaves the sandbox running and says how to work with it by hand. */
  readonly keep?: boolean;
  /** Uses the vendor's resource plugins instead of the sandbox's own. */
  readonly officialPlugins?: boolean;
}

/** How a rollout is rehearsed. */
interface Rehearsed {
  /** Where its timeline is written, and the page about it. */
  readonly file: string;
  readonly page: string;
  /** How fast time passes, for people. */
  readonly pace: string;
  /** A stage to try by hand. */
  readonly stack: string;
  /** Runs it from first to last in the world that it opens; `opened` hears of the world at once. */
  run(
    sandbox: Sandbox,
    progress: Progress,
    timeline: Timeline,
    opened: (world: World) => void,
  ): Promise<void>;
}

function rehearsed<W extends World>(
  about: Omit<Rehearsed, "run">,
  open: (sandbox: Sandbox, progress: Progress) => Promise<W>,
  act: (stage: Stage<W>) => Promise<void>,
): Rehearsed {
  return {
    ...about,
    run: async (sandbox, progress, timeline, opened) => {
      const world = await open(sandbox, progress);
      opened(world);
      timeline.begin();
      await act({ world, timeline });
      await world.traffic.stop();
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
    rehearseOpsView,
  ),
  "v2-pipeline": rehearsed(
    {
      file: join(folder, "rehearsal-v2-pipeline.json"),
      page: join(folder, "rehearsal-v2-pipeline.html"),
      pace: "a day passes in a second",
      stack: "percent50",
    },
    openPipeline,
    rehearsePipeline,
  ),
};

/** Rehearses a whole cutover on this machine, or every one. Returns the exit code. */
export async function rehearse(options: RehearseOptions): Promise<number> {
  let code = 0;
  for (const rollout of chosen(options)) code = Math.max(code, await rehearseOne(rollout, options));
  return code;
}

/** The rollouts to rehearse. Throws a `UserError` on what cannot be meant. */
export function chosen({ rollout, all, keep }: RehearseOptions): string[] {
  const known = Object.keys(REHEARSALS);
  const wrong = (what: string, remedy: string) =>
    new UserError("This cannot be rehearsed:", [{ where: "rehearse", what, remedy }]);
  if (all && rollout !== undefined) throw wrong("--all and --rollout ask for different things", "Use one");
  if (all && keep)
    throw wrong("--keep leaves one sandbox, and --all opens several", "Name one with --rollout");
  const names = all ? known : [rollout ?? (known[0] as string)];
  for (const name of names)
    if (!Object.hasOwn(REHEARSALS, name))
      throw wrong(`there is no rehearsal of ${name}`, `Rehearsed are: ${known.join(", ")}`);
  return names;
}

async function rehearseOne(rollout: string, options: RehearseOptions): Promise<number> {
  const plan = REHEARSALS[rollout] as Rehearsed;
  const progress = createProgress();
  const timeline = new Timeline(rollout, (line) => console.log(line));
  const sandbox = await openSandbox({ progress, officialPlugins: options.officialPlugins ?? false });
  let world: World | undefined;
  let unreported: string | undefined;
  let summary = "";
  try {
    await plan.run(sandbox, progress, timeline, (opened) => {
      world = opened;
      console.log(`Rehearsing ${rollout} on Pulumi ${sandbox.engine.version}; ${plan.pace}.\n`);
    });
  } catch (error) {
    if (!(error instanceof UnexpectedOutcome)) throw error;
  } finally {
    summary = timeline.summary();
    await timeline.write(plan.file);
    if (world && timeline.result().steps.length > 0 && !sandbox.closing.aborted)
      unreported = await writeReport(world, timeline.result().steps, plan.page);
    await world?.stop();
    if (options.keep && world && !sandbox.closing.aborted) await handOver(sandbox, world, plan.stack);
    else await sandbox.stop();
  }
  const within = (file: string) => file.slice(PROGRAM.length + 1);
  const page = unreported === undefined ? `, the report in ${within(plan.page)}` : "";
  console.log(`\n${summary}\nThe timeline is in ${within(plan.file)}${page}`);
  if (unreported !== undefined) console.error(`The report could not be written: ${unreported}`);
  return timeline.ok && unreported === undefined ? 0 : 1;
}

/** Leaves everything running, with a file to source: then plain `pulumi` works on the rehearsal's stacks. */
async function handOver(sandbox: Sandbox, world: World, stack: string): Promise<void> {
  const file = join(sandbox.dir, "env.sh");
  const wanted = Object.entries({ ...sandbox.env, PULUMI_OPTION_POLICY_PACK: POLICY_PACK }).filter(([name]) =>
    /^(PULUMI_|AWS_|PATH$|NO_PROXY$|no_proxy$)/.test(name),
  );
  const lines = wanted.map(([name, value]) => `export ${name}='${value.replaceAll("'", "'\\''")}'`);
  await writeFile(file, `${lines.join("\n")}\ncd '${world.project.folder}'\n`, { mode: 0o600 });
  await sandbox.detach();
  console.log(`
The sandbox keeps running. In a shell:

  source ${file}
  ${short.ofStack("preview", stack)}
  ${short.ofStack("up", stack)}

Servers: ${world.fleet.urls.join(", ")}
When done: ${outside(PROGRAM, "sandbox stop", sandbox.dir)}`);
}
