import pc from "picocolors";
import { isInterrupted } from "./interrupt";
import { clipped } from "./text";

/** Steps shorter than this pass in silence: a line for each of them would hide the ones that matter. */
const QUIET_MS = 2_000;
/** In a log file a long step says that it is still alive this often. */
const HEARTBEAT_MS = 15_000;
const FRAME_MS = 250;
const FRAMES = ["⠋", "⠙", "⠹", "⠸", "⠼", "⠴", "⠦", "⠧", "⠇", "⠏"];

/** Tells what a step is doing right now, such as "1200 of 1680 packages". */
type Detail = (detail: string) => void;

/** Keeps the person informed; several steps may run at once. */
export interface Progress {
  /** Runs `work`; a step of more than two seconds shows its elapsed time. */
  step<T>(title: string, work: (detail: Detail) => Promise<T>): Promise<T>;
  /** One line that stays on the screen. */
  note(line: string): void;
}

interface Step {
  readonly title: string;
  readonly startedAt: number;
  detail: string;
  /** When a line of this step was last written to a log; 0 while it is still quiet. */
  saidAt: number;
}

/** For tests, and for callers with a display of their own. */
export const silentProgress: Progress = {
  step: (_title, work) => work(() => {}),
  note: () => {},
};

/**
 * On a terminal, the running steps share one line that updates in place. Elsewhere (CI logs, pipes) a
 * step writes a line when it turns out to be long, one every 15 seconds, and one at its end. Goes to
 * stderr, so that stdout stays free for results.
 *
 * @param brokenOff whether what fails now was broken off on purpose: whoever did so needs not be told that it failed
 */
export function createProgress(
  stream: NodeJS.WriteStream = process.stderr,
  brokenOff: () => boolean = isInterrupted,
): Progress {
  const running = new Set<Step>();
  const live = stream.isTTY === true && !process.env.CI;
  const colors = pc.createColors(live && !process.env.NO_COLOR);
  let timer: NodeJS.Timeout | undefined;
  let frame = 0;

  const clearLine = () => {
    if (live) stream.write("\r\x1b[2K");
  };
  const writeLine = (line: string) => {
    clearLine();
    stream.write(`${line}\n`);
  };

  const redraw = () => {
    const visible = [...running].filter((step) => elapsed(step) >= QUIET_MS);
    clearLine();
    if (visible.length === 0) return;
    frame = (frame + 1) % FRAMES.length;
    const line = visible.map(describe).join("  ·  ");
    stream.write(
      `${colors.cyan(FRAMES[frame] ?? "")} ${clipped(line, Math.max(1, (stream.columns ?? 80) - 3))}`,
    );
  };
  const log = () => {
    for (const step of running) {
      const due = step.saidAt === 0 ? step.startedAt + QUIET_MS : step.saidAt + HEARTBEAT_MS;
      if (Date.now() < due) continue;
      step.saidAt = Date.now();
      writeLine(`… ${describe(step)}`);
    }
  };

  const begin = (title: string): Step => {
    const step = { title, startedAt: Date.now(), detail: "", saidAt: 0 };
    running.add(step);
    timer ??= setInterval(live ? redraw : log, FRAME_MS).unref();
    return step;
  };
  const end = (step: Step, mark: string | undefined) => {
    running.delete(step);
    if (running.size === 0) {
      clearInterval(timer);
      timer = undefined;
    }
    if (mark !== undefined && elapsed(step) >= QUIET_MS)
      writeLine(`${mark} ${step.title} (${duration(elapsed(step))})`);
    else clearLine();
  };

  return {
    async step(title, work) {
      const step = begin(title);
      try {
        const result = await work((detail) => {
          step.detail = detail;
        });
        end(step, colors.green("✔"));
        return result;
      } catch (error) {
        end(step, brokenOff() ? undefined : colors.red("✖"));
        throw error;
      }
    },
    note: (line) => writeLine(line),
  };
}

function elapsed(step: Step): number {
  return Date.now() - step.startedAt;
}

function describe(step: Step): string {
  const detail = step.detail === "" ? "" : `: ${step.detail}`;
  return `${step.title}${detail} (${duration(elapsed(step))})`;
}

/** `8 s`, `1 min 05 s`: short, and steady in width while it counts. */
export function duration(ms: number): string {
  const seconds = Math.floor(ms / 1_000);
  if (seconds < 60) return `${seconds} s`;
  return `${Math.floor(seconds / 60)} min ${String(seconds % 60).padStart(2, "0")} s`;
}
