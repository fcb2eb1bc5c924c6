import { relative, resolve } from "node:path";
import { createProgress, openSandbox, type Sandbox } from "../../sandbox";
import { loadRollout } from "../../src/rollout/load";
import { short } from "../../src/text/command";
import { UserError } from "../../src/text/problem";
import { CHECKOUT, folderOf, rolloutsIn } from "../locate";
import { keep, toStop, toWorkIn } from "../sandbox/keep";
import { machineTrouble } from "../sandbox/trouble";
import { type Plan, planOf } from "./derived/derived";
import type { Mode } from "./derived/promote";
import type { Proofs } from "./derived/proofs";
import { unprovenStep } from "./derived/unproven";
import { writeReport } from "./report";
import { Timeline, UnexpectedOutcome } from "./timeline";
import type { World } from "./world";

export interface RehearseOptions {
  /** The folder of the rollout's stack files. Default: the one at hand. */
  readonly cwd?: string;
  /** Which rollout of the checkout, by its name, in the place of the one at hand. */
  readonly rollout?: string;
  /** The happy path and one abort alone. */
  readonly quick?: boolean;
  /** Every row by itself. */
  readonly rows?: boolean;
  /** Every rollout of the checkout, one after the other. */
  readonly all?: boolean;
  /** Leaves the sandbox running and says how to work with it by hand. */
  readonly keep?: boolean;
  /** Uses the vendor's resource plugins instead of the sandbox's own. */
  readonly officialPlugins?: boolean;
}

/** Rehearses a whole cutover on this machine, or every one. Returns the exit code. */
export async function rehearse(options: RehearseOptions): Promise<number> {
  const mode = options.quick ? "quick" : options.rows ? "rows" : "story";
  let code = 0;
  for (const folder of chosen(options)) code = Math.max(code, await rehearseOne(folder, mode, options));
  return code;
}

/** The folders of the rollouts to rehearse. Throws a `UserError` on what cannot be meant. */
export function chosen({ rollout, all, keep, cwd, quick, rows }: RehearseOptions): string[] {
  const wrong = (what: string, remedy: string) =>
    new UserError("This cannot be rehearsed:", [{ where: "rehearse", what, remedy }]);
  if (quick && rows) throw wrong("--quick and --rows ask for different things", "Use one");
  if (cwd !== undefined && (all || rollout !== undefined))
    throw wrong(`-C names a rollout, and so does ${all ? "--all" : "--rollout"}`, "Use one");
  if (all && rollout !== undefined) throw wrong("--all and --rollout ask for different things", "Use one");
  if (all && keep)
    throw wrong("--keep leaves one sandbox, and --all opens several", "Name one with --rollout");
  if (all) return rolloutsIn(CHECKOUT).map(({ folder }) => folder);
  const here = resolve(cwd ?? ".");
  return [rollout === undefined ? here : folderOf(rollout, here)];
}

async function rehearseOne(source: string, mode: Mode, options: RehearseOptions): Promise<number> {
  const progress = createProgress();
  const rollout = loadRollout(source);
  const plan = planOf(rollout, source, mode);
  const timeline = new Timeline(rollout.name, (line) => console.log(line));
  let sandbox: Sandbox | undefined;
  try {
    sandbox = await openSandbox({ progress, officialPlugins: options.officialPlugins ?? false });
    return await rehearseIn(sandbox, plan, timeline, { ...options, progress });
  } catch (error) {
    await sandbox?.stop();
    throw machineTrouble(error);
  }
}

type Within = RehearseOptions & { readonly progress: ReturnType<typeof createProgress> };

async function rehearseIn(
  sandbox: Sandbox,
  plan: Plan,
  timeline: Timeline,
  options: Within,
): Promise<number> {
  let world: World | undefined;
  let proofs: Proofs | undefined;
  let reported: { readonly failed: string | undefined } | undefined;
  let summary = "";
  const report = async (of: World) => {
    reported = { failed: await writeReport(of, timeline.result().steps, plan.page) };
  };
  try {
    const opened = await sandbox.occupy(plan.open(sandbox, options.progress));
    ({ world, proofs } = opened);
    console.log(
      `Rehearsing ${timeline.rollout} on Pulumi ${sandbox.engine.version}; time passes as quickly as this machine allows.\n`,
    );
    timeline.begin();
    const { acts } = opened;
    await acts.rehearse(timeline);
    // Whoever keeps it goes on by hand, and what is finished goes nowhere.
    if (!options.keep) {
      await acts.finish(timeline);
      // What is taken away next is what the page is made from.
      await report(world);
      await acts.retire(timeline);
      if (options.rows) unprovenStep(timeline, proofs);
    }
  } catch (error) {
    if (!(error instanceof UnexpectedOutcome)) throw error;
  } finally {
    summary = timeline.summary();
    if (timeline.result().steps.length > 0) await timeline.write(plan.file, proofs?.toJSON());
    if (world && !reported && timeline.result().steps.length > 0 && !sandbox.closing.aborted)
      await report(world);
    await world?.stop();
    if (options.keep && world && !sandbox.closing.aborted) await handOver(sandbox, world, plan);
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
async function handOver(sandbox: Sandbox, world: World, { rollout, stack }: Plan): Promise<void> {
  const { folder: project } = world.project;
  const name = await keep(sandbox, { rollout, project, servers: world.fleet.urls });
  console.log(`
The sandbox keeps running. In a shell:

${[...toWorkIn(name, project), short.ofStack("preview", stack), short.ofStack("up", stack)].map((line) => `  ${line}`).join("\n")}

Servers: ${world.fleet.urls.join(", ")}
When done: ${toStop(name)}`);
}
