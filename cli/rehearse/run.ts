import { relative, resolve } from "node:path";
import { createProgress, openSandbox, type Sandbox } from "../../sandbox";
import { loadRollout } from "../../src/rollout/load";
import { short } from "../../src/text/command";
import { UserError } from "../../src/text/problem";
import { CHECKOUT, folderOf, requireFolder, rolloutsIn } from "../locate";
import { unlessInterrupted } from "../sandbox/interrupted";
import { keep as leave, toStop, toWorkIn } from "../sandbox/keep";
import { missingProject } from "../sandbox/project";
import { machineTrouble } from "../sandbox/trouble";
import { finish, retire } from "./derived/ending";
import { openDerived } from "./derived/open";
import { type Plan, planOf } from "./derived/plan";
import { type Mode, startWalk } from "./derived/promote";
import { Proofs } from "./derived/proofs";
import { unprovenStep } from "./derived/unproven";
import { walk } from "./derived/walk";
import type { DerivedWorld } from "./derived/world";
import { whileTheyRun } from "./ended";
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
  if (cwd !== undefined) requireFolder(cwd);
  const here = resolve(cwd ?? ".");
  return [rollout === undefined ? here : folderOf(rollout, here)];
}

async function rehearseOne(source: string, mode: Mode, options: RehearseOptions): Promise<number> {
  const progress = createProgress();
  const rollout = loadRollout(source);
  const missing = missingProject(source);
  if (missing.length > 0) throw new UserError("This cannot be rehearsed:", missing);
  const plan = planOf(rollout, source, mode);
  const timeline = new Timeline(rollout.name, (line) => console.log(line));
  let sandbox: Sandbox | undefined;
  try {
    sandbox = await openSandbox({ progress, officialPlugins: options.officialPlugins ?? false });
    // An interrupted one is broken off at what it does, and says no more.
    sandbox.closing.addEventListener("abort", () => timeline.close());
    const { code, words } = await sandbox.occupy(
      rehearseIn(sandbox, plan, timeline, { ...options, progress }),
    );
    await unlessInterrupted(sandbox);
    if (!options.keep) await sandbox.stop();
    console.log(words);
    return code;
  } catch (error) {
    if (sandbox !== undefined) await unlessInterrupted(sandbox);
    await sandbox?.stop();
    throw machineTrouble(error);
  }
}

type Within = RehearseOptions & { readonly progress: ReturnType<typeof createProgress> };

/** How one came out, and what is said of it once nothing of it runs any more. */
interface Ended {
  readonly code: number;
  readonly words: string;
}

async function rehearseIn(sandbox: Sandbox, plan: Plan, timeline: Timeline, options: Within): Promise<Ended> {
  const world = await openDerived(sandbox, options.progress, plan);
  let ended: Ended;
  try {
    ended = await acted(sandbox, world, plan, timeline, options);
  } finally {
    await world.stop();
  }
  if (options.keep && !sandbox.closing.aborted) await handOver(sandbox, world, plan);
  return ended;
}

/** Does all that is done in a world, and writes down what came of it. */
async function acted(
  sandbox: Sandbox,
  world: DerivedWorld,
  plan: Plan,
  timeline: Timeline,
  { keep, rows }: Within,
): Promise<Ended> {
  const proofs = new Proofs(world.rollout);
  const script = startWalk({ world, timeline }, proofs, plan.mode);
  let reported: { readonly failed: string | undefined } | undefined;
  const report = async () => {
    reported = { failed: await writeReport(world, timeline.result().steps, plan.page) };
  };
  const all = async () => {
    await walk(script);
    // Whoever keeps it goes on by hand, and what is finished goes nowhere.
    if (keep) return;
    await finish(script);
    // What is taken away next is what the page is made from.
    await report();
    await retire(script);
    if (rows) unprovenStep(timeline, proofs);
  };
  console.log(
    `Rehearsing ${timeline.rollout} on Pulumi ${sandbox.engine.version}; time passes as quickly as this machine allows.\n`,
  );
  timeline.begin();
  let summary = "";
  try {
    await whileTheyRun(world.fleet, timeline, sandbox.occupy(all()));
  } catch (error) {
    if (!(error instanceof UnexpectedOutcome)) {
      timeline.broken();
      throw error;
    }
  } finally {
    summary = timeline.summary();
    // What was kept of an earlier one is worth more than what an interrupted one has seen.
    if (timeline.result().steps.length > 0 && !sandbox.closing.aborted) {
      await timeline.write(plan.file, proofs.toJSON());
      if (!reported) await report();
    }
  }
  const unreported = reported?.failed;
  const within = (file: string) => relative(process.cwd(), file);
  const page = unreported === undefined ? `, the report in ${within(plan.page)}` : "";
  if (unreported !== undefined) console.error(`The report could not be written: ${unreported}`);
  return {
    code: timeline.ok && unreported === undefined ? 0 : 1,
    words: `\n${summary}\nThe timeline is in ${within(plan.file)}${page}`,
  };
}

/** Leaves everything running for a person to go on by hand: then plain `pulumi` works on the rehearsal's stacks. */
async function handOver(sandbox: Sandbox, world: World, { rollout, stack }: Plan): Promise<void> {
  const { folder: project } = world.project;
  const name = await leave(sandbox, { rollout: rollout.name, project, servers: world.fleet.urls });
  console.log(`
The sandbox keeps running. In a shell:

${[...toWorkIn(name, project), short.ofStack("preview", stack), short.ofStack("up", stack)].map((line) => `  ${line}`).join("\n")}

Servers: ${world.fleet.urls.join(", ")}
When done: ${toStop(name)}`);
}
