import { type ChildProcess, spawn } from "node:child_process";
import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { closeSync, openSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Writable } from "node:stream";
import { setTimeout as sleep } from "node:timers/promises";
import { quoted } from "../../src/text/command";

/** How a command ended, and all that it printed. */
export interface Typed {
  readonly code: number;
  readonly output: string;
}

export interface Typing {
  /** What the command reads from its standard input. */
  readonly input?: string;
  /** Ctrl-C is typed once this is printed. */
  readonly interruptAt?: RegExp;
  /** Runs the command on a terminal, and types an answer once its prompt is there. */
  readonly asked?: { readonly prompt: string; readonly answer: string };
}

const TERMINAL = join(__dirname, "terminal.py");

/** Longer than any command takes, also where the machine is busy: one that hangs is found nevertheless. */
const PATIENCE_MS = 600_000;
const LOOK_EACH_MS = 100;

/**
 * Reads a command from descriptor 3, runs it in this very shell, and tells its exit code on descriptor 4. Ctrl-C ends
 * the command and leaves the shell, as on a terminal: a trap, unlike an ignored signal, is not passed on.
 */
const LOOP = `trap : INT
while IFS= read -r -d '' -u 3 line && IFS= read -r -d '' -u 3 files; do
  eval "$line" <"$files.in" >"$files.out" 2>&1 3<&- 4>&-
  printf '%s\\n' "$?" >&4
done`;

/** One bash in which commands are typed, one after the other. What one of them exports, or where it goes, stays. */
export class Shell {
  readonly #codes: AsyncIterator<string>;
  readonly #lines: Writable;

  private constructor(
    private readonly child: ChildProcess,
    private readonly scratch: string,
  ) {
    this.#lines = child.stdio[3] as Writable;
    this.#codes = lines(child.stdio[4] as NodeJS.ReadableStream);
  }

  /**
   * @param cwd where it begins
   * @param env its whole environment
   * @param scratch a folder for what commands read and print
   */
  static open(cwd: string, env: Readonly<Record<string, string>>, scratch: string): Shell {
    // A group of its own, as on a terminal: Ctrl-C reaches all that a command has started.
    const child = spawn("bash", ["--noprofile", "--norc", "-c", LOOP], {
      cwd,
      env,
      detached: true,
      stdio: ["ignore", "ignore", "inherit", "pipe", "pipe"],
    });
    return new Shell(child, scratch);
  }

  /** Types a command. Throws where it does not end, or takes the shell with it. */
  async type(command: string, { input = "", interruptAt, asked }: Typing = {}): Promise<Typed> {
    const files = join(this.scratch, randomUUID());
    writeFileSync(`${files}.in`, input);
    closeSync(openSync(`${files}.out`, "w"));
    const printed = () => readFileSync(`${files}.out`, "utf8");
    const ended = new AbortController();
    const line = asked
      ? ["python3", TERMINAL, asked.prompt, asked.answer, command].map(quoted).join(" ")
      : command;
    this.#lines.write(`${line}\0${files}\0`);
    try {
      const code = this.#codes.next();
      const late = sleep(PATIENCE_MS, "late" as const, { signal: ended.signal }).catch(() => "late" as const);
      if (interruptAt) void this.#interrupt(() => interruptAt.test(printed()), ended.signal);
      const first = await Promise.race([code, late]);
      if (first === "late") throw new Error(`${command}: has not ended. It printed:\n${printed()}`);
      if (first.done) throw new Error(`${command}: ended the shell. It printed:\n${printed()}`);
      return { code: Number(first.value), output: printed() };
    } finally {
      ended.abort();
    }
  }

  /** Ends it, and what still runs in it. */
  async close(): Promise<void> {
    if (this.child.exitCode !== null || this.child.signalCode !== null) return;
    const gone = once(this.child, "exit");
    this.#signal("SIGKILL");
    await gone;
  }

  async #interrupt(when: () => boolean, ended: AbortSignal): Promise<void> {
    while (!ended.aborted && !when()) await sleep(LOOK_EACH_MS);
    if (!ended.aborted) this.#signal("SIGINT");
  }

  #signal(signal: NodeJS.Signals): void {
    if (this.child.pid !== undefined) process.kill(-this.child.pid, signal);
  }
}

async function* lines(stream: NodeJS.ReadableStream): AsyncGenerator<string> {
  let text = "";
  for await (const part of stream) {
    const all = (text + String(part)).split("\n");
    text = all.pop() ?? "";
    yield* all;
  }
}
