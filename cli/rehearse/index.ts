import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { createProgress, openSandbox, type Sandbox } from "../../sandbox";
import { rehearseOpsView } from "./ops-view";
import { PROGRAM } from "./project";
import { writeReport } from "./report";
import { Timeline, UnexpectedOutcome } from "./timeline";
import { POLICY_PACK } from "./up";
import { type OpsViewWorld, openOpsView } from "./world";

export interface RehearseOptions {
  /** Leaves the sandbox running and says how to work with it by hand. */
  readonly keep?: boolean;
  /** Uses the vendor's resource plugins instead of the sandbox's own. */
  readonly officialPlugins?: boolean;
}

/** Where the timeline is written, beside the project. */
export const REHEARSAL_FILE = join(PROGRAM, ".cutover", "rehearsal.json");

/** Where the report page is written, beside the timeline. */
const REPORT_FILE = join(PROGRAM, ".cutover", "rehearsal.html");

/** Rehearses a whole cutover on this machine. Returns the exit code. */
export async function rehearse(options: RehearseOptions): Promise<number> {
  const progress = createProgress();
  const timeline = new Timeline("ops-view", (line) => console.log(line));
  const sandbox = await openSandbox({ progress, officialPlugins: options.officialPlugins ?? false });
  let world: OpsViewWorld | undefined;
  let unreported: string | undefined;
  let summary = "";
  try {
    world = await openOpsView(sandbox, progress);
    console.log(`Rehearsing ops-view on Pulumi ${sandbox.engine.version}; an hour passes in a second.\n`);
    timeline.begin();
    await rehearseOpsView({ world, timeline });
    await world.traffic.stop();
  } catch (error) {
    if (!(error instanceof UnexpectedOutcome)) throw error;
  } finally {
    summary = timeline.summary();
    await timeline.write(REHEARSAL_FILE);
    if (world && timeline.result().steps.length > 0 && !sandbox.closing.aborted)
      unreported = await writeReport(world, timeline.result().steps, REPORT_FILE);
    await world?.stop();
    if (options.keep && world && !sandbox.closing.aborted) await handOver(sandbox, world);
    else await sandbox.stop();
  }
  const page = unreported === undefined ? ", the report in .cutover/rehearsal.html" : "";
  console.log(`\n${summary}\nThe timeline is in .cutover/rehearsal.json${page}`);
  if (unreported !== undefined) console.error(`The report could not be written: ${unreported}`);
  return timeline.ok && unreported === undefined ? 0 : 1;
}

/** Leaves everything running, with a file to source: then plain `pulumi` works on the rehearsal's stacks. */
async function handOver(sandbox: Sandbox, world: OpsViewWorld): Promise<void> {
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
  pulumi preview -s stageB
  pulumi up -s stageB

Servers: ${world.fleet.urls.join(", ")}
When done: npm run cutover -- sandbox stop ${sandbox.dir}`);
}
