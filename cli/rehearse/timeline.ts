import { mkdir, rename, writeFile } from "node:fs/promises";
import { dirname } from "node:path";
import pc from "picocolors";
import type { Flags } from "../../src/flags/flags";
import type { Outcome as Judged, Verdict } from "../../src/gates/judge";
import { counted } from "../../src/text/counted";
import { showDuration } from "../../src/text/duration";
import type { Proof } from "./derived/proofs";
import type { Outcome } from "./up";

/** One step of a rehearsal, as it is written to `.cutover/rehearsal.json`. */
export interface Step {
  readonly name: string;
  /** Null for a step that is not about a stack: traffic, migrations, a wait. */
  readonly stack: string | null;
  readonly expected: Outcome | "done";
  readonly outcome: Outcome | "done";
  /** Flags as a server sees them. */
  readonly flagsBefore: Flags;
  readonly flagsAfter: Flags;
  /** Verdicts by row id; empty where nothing was measured. */
  readonly verdicts: Readonly<Record<string, Judged>>;
  readonly ms: number;
  /** When it began. ISO 8601, UTC. */
  readonly at: string;
  /** What explains it, a sentence each. */
  readonly why: readonly string[];
}

/** A whole rehearsal. `ok` only where it came to its end, and every step had the expected outcome. */
export interface Rehearsal {
  readonly rollout: string;
  readonly ok: boolean;
  readonly steps: readonly Step[];
  /** How each row was seen to do its work, by its id. */
  readonly rows?: Readonly<Record<string, Proof>>;
}

const MARK: Record<string, string> = {
  promoted: "▲",
  blocked: "■",
  unchanged: "=",
  updated: "~",
  aborted: "▼",
  done: "·",
  failed: "✖",
};

/** A step did not have the expected outcome. The timeline has already said all there is to say. */
export class UnexpectedOutcome extends Error {}

/** Collects the steps of a rehearsal and prints each as it ends. */
export class Timeline {
  readonly #steps: Step[] = [];
  #started = Date.now();
  #closed = false;
  #broken = false;

  constructor(
    readonly rollout: string,
    private readonly print: (line: string) => void,
    private readonly colors = pc,
  ) {}

  /** Counts time from here: set-up, which may build an engine, is not part of the rehearsal. */
  begin(): void {
    this.#started = Date.now();
  }

  /** Takes no more steps: what still goes on is no part of the rehearsal, and ends with its next one. */
  close(): void {
    this.#closed = true;
  }

  /** What ended it is told elsewhere: its steps came out well, and it did not. */
  broken(): void {
    this.#broken = true;
  }

  get ok(): boolean {
    return (
      !this.#broken && this.#steps.length > 0 && this.#steps.every((step) => step.outcome === step.expected)
    );
  }

  /**
   * Adds a step, with the lines that explain it. Throws where it did not come out as expected: what follows
   * would only bury the cause.
   */
  add(given: Omit<Step, "at" | "why">, why: readonly string[] = []): void {
    if (this.#closed) throw new UnexpectedOutcome(given.name);
    const step: Step = { ...given, at: new Date(Date.now() - given.ms).toISOString(), why };
    this.#steps.push(step);
    const { colors } = this;
    const asExpected = step.outcome === step.expected;
    const at = clock(Date.now() - this.#started - step.ms);
    const outcome = `${MARK[step.outcome] ?? "?"} ${step.outcome}`.padEnd(12);
    const paint = !asExpected
      ? colors.red
      : step.outcome === "promoted"
        ? colors.green
        : step.outcome === "blocked" || step.outcome === "aborted"
          ? colors.yellow
          : colors.dim;
    this.print(
      `${colors.dim(at)}  ${paint(outcome)} ${colors.bold(step.name)} ${colors.dim(`(${showDuration(step.ms)})`)}`,
    );
    for (const line of why) this.print(`${" ".repeat(22)}${line}`);
    const flags = showChange(step.flagsBefore, step.flagsAfter);
    if (step.stack !== null) this.print(`${" ".repeat(22)}${colors.dim("servers see")} ${flags}`);
    if (asExpected) return;
    this.print(`${" ".repeat(22)}${colors.red(`expected: ${step.expected}`)}`);
    throw new UnexpectedOutcome(step.name);
  }

  result(): Rehearsal {
    return { rollout: this.rollout, ok: this.ok, steps: this.#steps };
  }

  /** The last line: whether it went as it should, and how long it took. */
  summary(): string {
    const took = showDuration(Date.now() - this.#started);
    if (this.ok)
      return this.colors.green(
        `✔ ${counted(this.#steps.length, "step")}, each with the expected outcome, in ${took}`,
      );
    const wrong = this.#steps.filter((step) => step.outcome !== step.expected).length;
    return this.colors.red(
      `✖ ${wrong} of ${this.#steps.length} steps did not have the expected outcome (${took})`,
    );
  }

  /** @param rows what was seen of each row, where rows are counted */
  async write(file: string, rows?: Rehearsal["rows"]): Promise<void> {
    await mkdir(dirname(file), { recursive: true });
    const result: Rehearsal = { ...this.result(), ...(rows ? { rows } : {}) };
    // Whole at every moment: another rehearsal of the same rollout may end in the same one.
    const aside = `${file}.${process.pid}.new`;
    await writeFile(aside, `${JSON.stringify(result, null, 2)}\n`);
    await rename(aside, file);
  }
}

/** Verdicts by row id, for the step's record. */
export function verdictsOf(verdicts: readonly Verdict[]): Record<string, Judged> {
  return Object.fromEntries(verdicts.map((verdict) => [verdict.gate, verdict.outcome]));
}

function clock(ms: number): string {
  const seconds = Math.max(0, Math.round(ms / 1_000));
  return `${String(Math.floor(seconds / 60)).padStart(2, "0")}:${String(seconds % 60).padStart(2, "0")}`;
}

function showChange(before: Step["flagsBefore"], after: Step["flagsAfter"]): string {
  const flags = [...new Set([...Object.keys(before), ...Object.keys(after)])];
  return flags
    .map((flag) =>
      before[flag] === after[flag] ? `${flag} ${after[flag]}` : `${flag} ${before[flag]} → ${after[flag]}`,
    )
    .join(", ");
}
