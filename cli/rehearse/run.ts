import { existsSync } from "node:fs";
import { rm } from "node:fs/promises";
import { relative, resolve } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { createProgress, openSandbox, type Sandbox } from "../../sandbox";
import { loadRollout } from "../../src/rollout/load";
import { short } from "../../src/text/command";
import { UserError } from "../../src/text/problem";
import { CHECKOUT, folderOf, requireFolder, rolloutsIn } from "../locate";
import { missingProject } from "../project";
import { unlessInterrupted } from "../sandbox/interrupted";
import { keep as leave, toStop, toWorkIn } from "../sandbox/keep";
import { machineTrouble } from "../sandbox/trouble";
import { finish, finished, retire } from "./derived/ending";
import { openDerived } from "./derived/open";
import { type Plan, planOf } from "./derived/plan";
import { type Mode, startWalk } from "./derived/promote";
import { Proofs } from "./derived/proofs";
import { requireFired, unfiredLine } from "./derived/unfired";
import { unprovenStep } from "./derived/unproven";
import { walk } from "./derived/walk";
import type { DerivedWorld } from "./derived/world";
import { whileTheyRun } from "./ended";
import { refusedStep } from "./refused";
import { writeReportPage } from "./report";
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
  /** Goes on until it is interrupted, and says how to work with it by hand. */
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

/** The folders of the rollouts to rehearse. */
export function chosen({ rollout, all, cwd }: Pick<RehearseOptions, "rollout" | "all" | "cwd">): string[] {
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
    await sandbox.stop();
    if (!options.keep) console.log(words);
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
  try {
    const ended = await acted(sandbox, world, plan, timeline, options);
    if (options.keep) await kept(sandbox, world, plan, ended);
    return ended;
  } finally {
    await world.stop();
  }
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
  // What could never be seen is told before anything is brought up, and not in the end.
  if (rows) requireFired(world, proofs.rows);
  const script = startWalk({ world, timeline, log: plan.log }, proofs, plan.mode);
  let reported: { readonly failed: string | undefined } | undefined;
  const report = async () => {
    reported = { failed: await writeReportPage(world, timeline.result().steps, plan.page) };
  };
  const all = async () => {
    await walk(script);
    // Whoever keeps it goes on by hand, and what is finished goes nowhere.
    if (keep) return;
    await finish(script);
    if (plan.mode !== "quick") await finished(script);
    await refusedStep(timeline, sandbox.aws.endpoint);
    // What is taken away next is what the page is made from.
    await report();
    if (!rows) return;
    await retire(script);
    unprovenStep(timeline, proofs);
  };
  console.log(
    `Rehearsing ${timeline.rollout} on Pulumi ${sandbox.engine.version}; time passes as quickly as this machine allows.\n`,
  );
  const untold = rows ? undefined : unfiredLine(world, proofs.rows);
  if (untold !== undefined) console.log(`${untold}\n`);
  // One of an earlier rehearsal would be taken for this one's.
  await rm(plan.log, { force: true });
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

/** How often is looked whether a sandbox that is worked in is still there, in ms. */
const LOOK_MS = 500;

/**
 * Lets a person go on by hand: plain `pulumi` works on the rehearsal's stacks, and all that is made up goes on. Comes back
 * once somebody has stopped the sandbox; a Ctrl-C ends it, too.
 */
async function kept(
  sandbox: Sandbox,
  world: World,
  { rollout, stack }: Plan,
  { words }: Ended,
): Promise<void> {
  const { folder: project } = world.project;
  const { closing } = sandbox;
  if (closing.aborted) return;
  const name = await leave(sandbox, { rollout: rollout.name, project, servers: world.fleet.urls });
  const lines = [...toWorkIn(name, project), short.ofStack("preview", stack), short.ofStack("up", stack)];
  console.log(`${words}

It goes on until Ctrl-C, or ${toStop(name)}. In another shell:

${lines.map((line) => `  ${line}`).join("\n")}

Servers: ${world.fleet.urls.join(", ")}`);
  while (!closing.aborted && existsSync(sandbox.dir))
    await sleep(LOOK_MS, undefined, { signal: closing }).catch(() => {});
}
