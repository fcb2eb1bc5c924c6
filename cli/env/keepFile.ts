import { type ChildProcess, spawn } from "node:child_process";
import { createHash, randomBytes } from "node:crypto";
import { open, readFile, rename, rm } from "node:fs/promises";
import { setTimeout as sleep } from "node:timers/promises";
import type { Live } from "../../src/delivery/carry";
import { envFile, foreignLine, heldIn, sameVariables } from "../../src/delivery/envFile";
import { type Carries, variablesOf } from "../../src/delivery/variables";
import { showFlags } from "../../src/flags/flags";
import { showDuration } from "../../src/text/duration";
import { type Problem, reasonOf, UserError } from "../../src/text/problem";

/** A file that is kept as the ledger has the flags. */
export interface KeptFile {
  readonly rollout: string;
  readonly file: string;
  readonly carries: Carries;
  /** What starts servers anew, for a shell. Default: nobody is started. */
  readonly run?: string | undefined;
  /** What is live; undefined while that is changing. May throw: then it is read again. */
  readonly live: () => Promise<Live | undefined>;
  readonly say: (line: string) => void;
  /** Between two looks at the ledger, in ms. */
  readonly everyMs: number;
  /** How long the command may run, in ms. Then it is ended, and tried again: flags that come down wait for it. */
  readonly runMs: number;
}

const TERM_MS = 10_000;

/**
 * Keeps a file as the ledger has the flags until it is ended, and runs a command whenever they have changed. The file is
 * replaced as a whole, for its owner alone to read. A ledger that cannot be read moves no flag; a command that fails is run
 * again. Throws a `UserError` where the file is somebody else's.
 */
export async function keepFile(kept: KeptFile, signal: AbortSignal): Promise<void> {
  const { file, rollout, say, everyMs } = kept;
  const foreign = foreignIn(kept, await textOf(file));
  if (foreign) throw new UserError("Nothing is written:", [{ where: "--write", ...foreign }]);
  let trouble: string | undefined;
  while (!signal.aborted) {
    try {
      await follow(kept, signal);
      if (trouble !== undefined) say(`${rollout}: all is well again`);
      trouble = undefined;
    } catch (error) {
      const why = reasonOf(error);
      // An outage of an hour is no thousand lines.
      if (why !== trouble && !signal.aborted) say(`${rollout}: ${why}; it is tried again`);
      trouble = why;
    }
    await sleep(everyMs, undefined, { signal }).catch(() => {});
  }
}

/** Brings file and servers to what is live. */
async function follow(kept: KeptFile, signal: AbortSignal): Promise<void> {
  const { file, rollout, carries, run, live, say } = kept;
  const now = await live();
  if (!now) return;
  const wanted = variablesOf(carries, now.flags, now.deployment);
  // Kept beside it, since whoever was ended in between would find the file as it has to be, and start nobody.
  const ran = `${file}.ran`;
  const left = (held: string | undefined) => {
    const foreign = foreignIn(kept, held);
    if (foreign)
      throw new Error(
        `${foreign.what}: it is left alone, while the ledger has ${showFlags(now.flags)}, of deployment ${now.deployment}. ${foreign.remedy}`,
      );
  };
  let text = await textOf(file);
  left(text);
  if (text === undefined || !sameVariables(heldIn(text), wanted)) {
    text = envFile(rollout, wanted);
    await rm(ran, { force: true });
    await replace(file, text, async () => left(await textOf(file)));
    say(`${rollout}: ${file} has ${showFlags(now.flags)}, of deployment ${now.deployment}`);
  }
  const mark = createHash("sha256").update(text).digest("hex");
  if (run === undefined || (await textOf(ran)) === mark) return;
  const began = Date.now();
  await runCommand(run, kept.runMs, signal);
  await replace(ran, mark);
  say(`${rollout}: ran ${run}, in ${showDuration(Date.now() - began)}`);
}

/** What to tell where a file holds anything but flags: which line, and not what stands there, which may be a secret. */
function foreignIn(
  { rollout, file }: KeptFile,
  text: string | undefined,
): Omit<Problem, "where"> | undefined {
  const line = text === undefined ? undefined : foreignLine(rollout, text);
  if (line === undefined) return undefined;
  return {
    what: `${file} holds something else than flags of ${rollout}, in line ${line}`,
    remedy:
      "Move whatever else is set for the servers to a file of its own, or name another one with --write",
  };
}

async function textOf(file: string): Promise<string | undefined> {
  return readFile(file, "utf8").catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return undefined;
    throw error;
  });
}

/**
 * Whoever reads it meanwhile reads all of the one before, or all of this one. `last` may still throw, right before that: what
 * was put there meanwhile is looked at, too.
 */
async function replace(file: string, text: string, last?: () => Promise<void>): Promise<void> {
  const beside = `${file}.${randomBytes(6).toString("hex")}`;
  try {
    const written = await open(beside, "wx", 0o600);
    try {
      await written.writeFile(text);
      await written.sync();
    } finally {
      await written.close();
    }
    await last?.();
    await rename(beside, file);
  } catch (error) {
    await rm(beside, { force: true });
    throw error;
  }
}

/** Throws where it does not end well in time. What it has started ends with it then. */
async function runCommand(command: string, withinMs: number, signal: AbortSignal): Promise<void> {
  // A group of its own, so that what it starts can be ended with it.
  const child = spawn(command, { shell: true, detached: true, stdio: ["ignore", "inherit", "inherit"] });
  const ended = new Promise<string | undefined>((resolve) => {
    child.once("error", (error) => resolve(`could not be started: ${error.message}`));
    child.once("exit", (code, by) =>
      resolve(code === 0 ? undefined : `ended with ${by ?? `exit code ${code}`}`),
    );
  });
  const late = AbortSignal.any([signal, AbortSignal.timeout(withinMs)]);
  const given = new Promise<"late">((resolve) =>
    late.addEventListener("abort", () => resolve("late"), { once: true }),
  );
  const came = await Promise.race([ended, given]);
  if (came === "late") {
    await end(child, ended);
    throw new Error(`${command} did not end within ${showDuration(withinMs)}`);
  }
  if (came !== undefined) throw new Error(`${command} ${came}`);
}

async function end({ pid = 0 }: ChildProcess, ended: Promise<unknown>): Promise<void> {
  const kill = (by: NodeJS.Signals) => {
    try {
      process.kill(-pid, by);
    } catch {
      // It has ended by itself.
    }
  };
  kill("SIGTERM");
  await Promise.race([ended, sleep(TERM_MS, undefined, { ref: false })]);
  kill("SIGKILL");
  await ended;
}
