import { type ChildProcess, spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { access, constants, open, readFile, rename, rm, stat } from "node:fs/promises";
import { dirname } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { Live } from "../../src/delivery/carry";
import { envFile, foreignLine, heldIn, sameVariables } from "../../src/delivery/envFile";
import { type Carries, variablesOf } from "../../src/delivery/variables";
import { showFlags } from "../../src/flags/flags";
import { sha256 } from "../../src/text/digest";
import { showDuration } from "../../src/text/duration";
import { type Problem, reasonOf, UserError } from "../../src/text/problem";
import { within } from "../../src/text/within";

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
 * again. Throws a `UserError` where the file is somebody else's, or can be none.
 */
export async function keepFile(kept: KeptFile, signal: AbortSignal): Promise<void> {
  const { file, rollout, say, everyMs } = kept;
  const foreign = (await unfit(file)) ?? foreignIn(kept, await textOf(file));
  if (foreign) throw new UserError("Nothing is written:", [{ where: "--write", ...foreign }]);
  // An outage of an hour is no thousand lines, and two at a time are no reason to say each of them again and again.
  const told = new Set<string>();
  const tell = (error: unknown) => {
    const why = reasonOf(error);
    if (!told.has(why) && !signal.aborted) say(`${rollout}: ${why}; it is tried again`);
    told.add(why);
  };
  while (!signal.aborted) {
    try {
      const came = await follow(kept, tell, signal);
      if (came === "overtaken") continue;
      if (came === "settled" && told.size > 0) {
        say(`${rollout}: all is well again`);
        told.clear();
      }
    } catch (error) {
      tell(error);
    }
    await sleep(everyMs, undefined, { signal }).catch(() => {});
  }
}

/**
 * Brings file and servers to what is live: `settled` where nothing was left to do, `overtaken` where flags changed while the
 * command ran. That one is ended then, since flags that come down wait for no start of servers with those from before.
 */
async function follow(
  kept: KeptFile,
  tell: (error: unknown) => void,
  signal: AbortSignal,
): Promise<"settled" | "ran" | "overtaken"> {
  const { rollout, run, say } = kept;
  const found = await bring(kept);
  if (!found || run === undefined) return "settled";
  const mark = sha256(found.text);
  if ((await textOf(ranOf(kept))) === mark) return "settled";
  const began = Date.now();
  const over = new AbortController();
  const overtaken = new AbortController();
  const watching = watch(kept, tell, () => overtaken.abort(), AbortSignal.any([over.signal, signal]));
  try {
    await runCommand(run, kept.runMs, AbortSignal.any([overtaken.signal, signal]));
  } catch (error) {
    if (!overtaken.signal.aborted) throw error;
  } finally {
    over.abort();
    await watching;
  }
  // Also where it ended well: it may have read the file from before.
  if (overtaken.signal.aborted) {
    say(`${rollout}: ${run} was overtaken by that, and is run anew`);
    return "overtaken";
  }
  await replace(ranOf(kept), mark);
  say(`${rollout}: ran ${run}, in ${showDuration(Date.now() - began)}`);
  return "ran";
}

/** Looks at the ledger while a command runs. Never throws: a ledger that cannot be read ends no command. */
async function watch(
  kept: KeptFile,
  tell: (error: unknown) => void,
  changed: () => void,
  over: AbortSignal,
): Promise<void> {
  while (!over.aborted) {
    await sleep(kept.everyMs, undefined, { signal: over }).catch(() => {});
    if (over.aborted) return;
    try {
      if ((await bring(kept))?.written) changed();
    } catch (error) {
      tell(error);
    }
  }
}

/** Brings the file alone to what is live; undefined while that is changing. */
async function bring(kept: KeptFile): Promise<{ text: string; written: boolean } | undefined> {
  const { file, rollout, carries, live, say } = kept;
  const now = await live();
  if (!now) return undefined;
  const wanted = variablesOf(carries, now.flags, now.deployment);
  const left = (held: string | undefined) => {
    const foreign = foreignIn(kept, held);
    if (foreign)
      throw new Error(
        `${foreign.what}: it is left alone, while the ledger has ${showFlags(now.flags)}, of deployment ${now.deployment}. ${foreign.remedy}`,
      );
  };
  const held = await textOf(file);
  left(held);
  if (held !== undefined && sameVariables(heldIn(held), wanted)) return { text: held, written: false };
  const text = envFile(rollout, wanted);
  await rm(ranOf(kept), { force: true });
  await replace(file, text, async () => left(await textOf(file)));
  say(`${rollout}: ${file} has ${showFlags(now.flags)}, of deployment ${now.deployment}`);
  return { text, written: true };
}

/** Kept beside it, since whoever was ended in between would find the file as it has to be, and start nobody. */
const ranOf = ({ file }: KeptFile) => `${file}.ran`;

/** What to tell where no file can be read or written there: waiting mends none of it. */
async function unfit(file: string): Promise<Omit<Problem, "where"> | undefined> {
  const folder = dirname(file);
  const above = await statOf(folder);
  const remedy = "Name a file in a folder that is there, such as flags.env";
  if (!above) return { what: `there is no folder ${folder}`, remedy: "Make it, or name a file elsewhere" };
  if (!above.isDirectory()) return { what: `${folder} is no folder`, remedy };
  const there = await statOf(file);
  if (there?.isDirectory()) return { what: `${file} is a folder`, remedy };
  if (there && !there.isFile()) return { what: `${file} is no plain file`, remedy };
  const rights = "Give this user the right to it, or name a file elsewhere";
  if (!(await may(folder, constants.W_OK | constants.X_OK)))
    return { what: `nothing can be written to ${folder}`, remedy: rights };
  if (there && !(await may(file, constants.R_OK))) return { what: `${file} cannot be read`, remedy: rights };
  return undefined;
}

const statOf = (path: string) =>
  stat(path).catch((error: NodeJS.ErrnoException) => {
    // ENOTDIR is told of the folder, and EACCES by what may be done there.
    if (["ENOENT", "ENOTDIR", "EACCES"].includes(error.code ?? "")) return undefined;
    throw error;
  });

const may = (path: string, mode: number) =>
  access(path, mode).then(
    () => true,
    () => false,
  );

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
    // Its name is another one each time, and would make each error a new one.
    throw new Error(reasonOf(error).replaceAll(beside, file), { cause: error });
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
  const given = new Promise<"late">((resolve) => {
    if (late.aborted) resolve("late");
    late.addEventListener("abort", () => resolve("late"), { once: true });
  });
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
  await within(TERM_MS, ended);
  kill("SIGKILL");
  await ended;
}
