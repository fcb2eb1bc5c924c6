import type { Verdict } from "../../src/gates/judge";
import { showDuration } from "../../src/text/duration";
import { keepLog, redactIn } from "./engineLog";
import { causesOf, explain } from "./explain";
import { untilSo } from "./pace";
import { type Timeline, verdictsOf } from "./timeline";
import { type Outcome, type Run, type UpOptions, up } from "./up";
import { type ServedFlags, untilServed, type World } from "./world";

/** What a step of a rehearsal works with. */
export interface Stage<W extends World = World> {
  readonly world: W;
  readonly timeline: Timeline;
  /** Where all that the engine printed is kept, where a run of it comes out otherwise than expected. */
  readonly log: string;
}

export interface UpStep extends Pick<UpOptions, "policyPack" | "preview"> {
  readonly name: string;
  readonly stack: string;
  readonly expected: Outcome;
  /** Flags that servers have to see afterwards. */
  readonly flags: ServedFlags;
  /** What is wrong while it runs. */
  readonly during?: Cause | undefined;
  /** Servers that answer what no waiting mends are not waited for as long. See `untilServed`. */
  readonly givesUp?: boolean;
  /** Rows that have to come out so; any other outcome of theirs fails the step. */
  readonly verdicts?: Readonly<Record<string, Verdict["outcome"]>>;
}

/**
 * Brings a stack up and records what came of it: outcome, verdicts, and the flags that servers see. Says also how
 * long the run took, in ms.
 */
export async function upStep(stage: Stage, step: UpStep): Promise<Run & { ms: number }> {
  const { world, timeline } = stage;
  const before = (await world.servedFlags())[0] ?? {};
  await step.during?.pull();
  const started = Date.now();
  const run = await up(world.sandbox, {
    folder: world.project.folder,
    signal: world.sandbox.closing,
    ...step,
  }).finally(() => step.during?.release());
  const ms = Date.now() - started;
  // After a run that came out otherwise nobody waits for flags that may never come.
  const served =
    run.outcome === step.expected
      ? await untilServed(world, step.flags, step.givesUp)
      : ((await world.servedFlags())[0] ?? {});
  const problems = [
    ...(await unserved(world, step.flags, served)),
    ...verdictProblems(step.verdicts ?? {}, run.verdicts),
  ];
  const outcome = problems.length > 0 ? "failed" : run.outcome;
  timeline.add(
    {
      name: step.name,
      stack: step.stack,
      expected: step.expected,
      outcome,
      flagsBefore: before,
      flagsAfter: served,
      verdicts: verdictsOf(run.verdicts),
      ms,
    },
    outcome === step.expected
      ? explain(run)
      : run.outcome === step.expected
        ? [...problems, ...explain(run)]
        : [...whyNot(stage, run, step.stack), ...problems, ...(await keepLog(stage, run.output))],
  );
  return { ...run, ms };
}

/** Why a run came out otherwise than expected, as a timeline may hold it. */
export function whyNot({ world }: Pick<Stage, "world">, run: Run, stack: string): string[] {
  const redact = redactIn(world);
  return causesOf(run, stack).map((line) => redact(line));
}

/** Does something that is not an `up`, and records that it was done. Throws on, where it fails. */
export async function doStep<T>(
  { world, timeline }: Stage,
  name: string,
  work: () => Promise<T>,
): Promise<T> {
  const before = (await world.servedFlags())[0] ?? {};
  const started = Date.now();
  const result = await work();
  const after = (await world.servedFlags())[0] ?? {};
  timeline.add({
    name,
    stack: null,
    expected: "done",
    outcome: "done",
    flagsBefore: before,
    flagsAfter: after,
    verdicts: {},
    ms: Date.now() - started,
  });
  return result;
}

/** From the first fault to flags off as served: what is promised of every abort, on a busy machine too. */
const PROMISED_MS = 120_000;

/** Something that goes wrong, and is mended again. */
export interface Cause {
  pull(): Promise<unknown>;
  release(): Promise<unknown>;
}

export interface AbortStep {
  readonly name: string;
  /** The stage whose alarm has to fire. */
  readonly stack: string;
  /** What makes its row fire, until the flags are down. */
  readonly cause: Cause;
  /** The flags that have to be left. */
  readonly flags: ServedFlags;
  /** What on-call's page has to name. */
  readonly page: RegExp;
  /** Whether ops and stakeholders have to hear of it (C5). */
  readonly notice: boolean;
  /** The flags stay as they are: the row only pages, or an irreversible stage keeps them. The page alone is waited for. */
  readonly stays?: boolean;
}

/**
 * Breaks something, and waits for the alarm to bring the flags down by itself and to tell people. Returns how long that
 * took, in ms.
 */
export async function abortStep({ world, timeline }: Stage, step: AbortStep): Promise<number> {
  const before = (await world.servedFlags())[0] ?? {};
  const heard = world.webhook.delivered.length;
  const started = Date.now();
  await step.cause.pull();
  const messages = () => world.webhook.delivered.slice(heard);
  const pageOf = () =>
    messages().findLast(
      // That an alarm is quiet again is told, too, and is no page.
      ({ topic, subject = "", message }) =>
        topic.endsWith("on-call") && !/^OK: /.test(subject) && step.page.test(`${subject} ${message}`),
    );
  const paged = () => pageOf() !== undefined;
  if (step.stays) await untilSo(async () => paged() || undefined, world.sandbox.closing);
  const served = await untilServed(world, step.flags);
  const ms = Date.now() - started;
  await step.cause.release();
  const noticed = () =>
    ["ops", "stakeholders"].every((topic) => messages().some((one) => one.topic.endsWith(`-${topic}`)));
  await untilSo(async () => (paged() && (noticed() || !step.notice)) || undefined, world.sandbox.closing);
  const problems = [
    ...(await unserved(world, step.flags, served)),
    ...(ms <= PROMISED_MS
      ? []
      : [`it took ${showDuration(ms)}, and ${showDuration(PROMISED_MS)} are promised`]),
    ...(paged() ? [] : [`on-call was not paged about ${step.page.source}`]),
    ...(noticed() || !step.notice ? [] : ["ops and stakeholders were not told"]),
  ];
  const expected = step.stays ? "done" : "aborted";
  const outcome = problems.length > 0 ? "failed" : expected;
  const page = pageOf();
  timeline.add(
    {
      name: step.name,
      stack: step.stack,
      expected,
      outcome,
      flagsBefore: before,
      flagsAfter: served,
      verdicts: {},
      ms,
    },
    [
      ...problems,
      `from the first fault to ${step.stays ? "the page" : "flags off as served"}: ${showDuration(ms)}`,
      ...(page ? [`page: ${page.subject}`] : []),
    ],
  );
  return ms;
}

/**
 * A check of the world itself: done where it holds, failed with a sentence where it does not.
 *
 * @param check may add lines to what the timeline shows of it
 */
export async function checkStep(
  { world, timeline }: Stage,
  name: string,
  check: (lines: string[]) => Promise<string | undefined>,
): Promise<void> {
  const flags = (await world.servedFlags())[0] ?? {};
  const started = Date.now();
  const lines: string[] = [];
  const problem = await check(lines);
  const outcome = problem === undefined ? "done" : "failed";
  timeline.add(
    {
      name,
      stack: null,
      expected: "done",
      outcome,
      flagsBefore: flags,
      flagsAfter: flags,
      verdicts: {},
      ms: Date.now() - started,
    },
    [...(problem?.split("\n") ?? []), ...lines],
  );
}

/** Flags that servers see, and should not. */
export function wrongFlags(expected: ServedFlags, served: ServedFlags): string[] {
  return Object.entries(expected).flatMap(([flag, value]) =>
    served[flag] === value ? [] : [`servers see ${flag} ${served[flag]}, not ${value}`],
  );
}

const TELL =
  "Correct path and at under cutover:rollout.servers, or have the app tell every flag there, as it reads them from AppConfig";

/** The same, with the servers that say nothing of their flags. */
async function unserved(world: World, expected: ServedFlags, served: ServedFlags): Promise<string[]> {
  const problems = wrongFlags(expected, served);
  if (problems.length === 0) return [];
  const untold = (await world.untold?.()) ?? [];
  const lasting = untold.some(({ lastsMs }) => lastsMs !== undefined);
  return [...problems, ...untold.map(({ says }) => says), ...(lasting ? [TELL] : [])];
}

function verdictProblems(expected: Readonly<Record<string, string>>, verdicts: readonly Verdict[]): string[] {
  return Object.entries(expected).flatMap(([row, outcome]) => {
    const found = verdicts.find((verdict) => verdict.gate === row)?.outcome ?? "not declared";
    return found === outcome ? [] : [`${row} came out as ${found}, not ${outcome}`];
  });
}
