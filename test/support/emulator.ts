import { mkdtemp, realpath, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type MiniStack, startMiniStack } from "../../sandbox/aws/ministack";
import { Processes } from "../../sandbox/host/processes";
import { silentProgress } from "../../src/text/progress";

/** An emulator of AWS that a test has alone. */
export interface TestAws {
  readonly emulator: MiniStack;
  /** A folder of the test's own, by its real path. It goes with the emulator. */
  readonly dir: string;
  stop(): Promise<void>;
}

/** @param env what it is started with beside PATH and HOME */
export async function startTestAws(env: Readonly<Record<string, string>> = {}): Promise<TestAws> {
  const dir = await realpath(await mkdtemp(join(tmpdir(), "cutover-aws-")));
  const processes = new Processes(dir);
  const stop = async () => {
    await processes.stop();
    await rm(dir, { recursive: true, force: true });
    await processes.release();
  };
  const { PATH = "", HOME = "" } = process.env;
  const around = { dir, processes, env: { PATH, HOME, ...env }, progress: silentProgress };
  const emulator = await startMiniStack(around).catch(async (error: unknown) => {
    await stop();
    throw error;
  });
  return { emulator, dir, stop };
}
