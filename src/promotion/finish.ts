import { setTimeout as sleep } from "node:timers/promises";
import type { BroughtDown } from "../abort/bringDown";
import type { Carried } from "../abort/carry";
import type { AlarmNow } from "../aws/alarms";
import { known } from "../aws/known";
import type { TopicName } from "../aws/names";
import { ALL_STAGES, type Ledger, type Note, showEntry } from "../flags/ledger";
import type { Verdict } from "../gates/judge";
import { tellFinish } from "../messages/finishing";
import type { Post, Told } from "../messages/tellOnce";
import { finishingOf } from "../rollout/config/messages";
import { type Finish, finishIn, finishOf } from "../rollout/finished";
import { lastStage, problemsOfFinish } from "../rollout/finishing";
import type { Predecessor } from "../rollout/planRaise";
import { type RollbackAlarm, rollbackAlarms } from "../rollout/rollbackAlarms";
import { floorOf, type Rollout, type Stage } from "../rollout/rollout";
import { reasonOf, UserError } from "../text/problem";
import { type ExitWorld, judgeExit } from "./finishGates";
import type { Down } from "./flagStore";
import type { Proof } from "./prove";

/** The world that a finish looks at, and acts on. */
export interface FinishWorld extends ExitWorld {
  ledger(): Promise<Ledger>;
  /** What the record of a stage's stack says. Never throws. */
  recorded(stage: Stage): Promise<Predecessor>;
  alarms(names: readonly string[]): Promise<ReadonlyMap<string, AlarmNow>>;
  /** Writes an entry that changes no flag, right after the deployment that was looked at. See `carry`. */
  record(note: Note, lookedAt: number): Promise<Carried>;
  /** Brings flags down in the name of a stage. Throws where they may still be up. */
  bringDown(stage: Stage, down: Down): Promise<BroughtDown>;
  /** The last stage's post, which keeps the verdicts of a finish beside what people were told. */
  readonly post: Post & {
    note(key: string, text: string): Promise<void>;
    noted(key: string): Promise<string | undefined>;
  };
  /** Who asks, as AWS knows them. Never throws. */
  caller(): Promise<string | undefined>;
}

/** What is asked for. */
export interface FinishAsked {
  readonly rollout: Rollout;
  readonly reason: string;
  /** What tells this act from every other. */
  readonly id: string;
  readonly region: string;
  readonly timeScale: number;
  readonly topics: Readonly<Record<TopicName, string>>;
  /** For how long what does not answer after the entry is asked again, in ms. Default: 30 s. */
  readonly patience?: number;
}

/** What became of it. */
export type Finished =
  /** Gates do not pass, or say nothing by passing. */
  | { readonly kind: "blocked"; readonly verdicts: readonly Verdict[]; readonly proofs: readonly Proof[] }
  | {
      readonly kind: "finished";
      readonly finish: Finish;
      /** It was finished before. */
      readonly again: boolean;
      readonly verdicts?: readonly Verdict[] | undefined;
      readonly proofs?: readonly Proof[] | undefined;
      readonly told: Told;
      /** Why it is not known who was told: then nothing was sent. */
      readonly untold?: string | undefined;
    }
  /** Something came between the look and the entry, or right after it: the finish does not stand. */
  | { readonly kind: "taken-back"; readonly why: string; readonly down: readonly BroughtDown[] }
  /** It is in the ledger, and whether it stands is not known: nobody was told. */
  | { readonly kind: "unknown"; readonly finish: Finish; readonly why: string };

const NOBODY: Told = { told: [], before: [], failed: [], unkept: [] };
/** For how long it is asked what came after the entry. */
const PATIENCE_MS = 30_000;
const PAUSE_MS = 500;

/**
 * Finishes a rollout: looks at all that speaks against it, measures the exit gates of its last stage, looks once more,
 * and writes an entry that is bound to what it looked at. Then it looks at what came right after it, and tells people.
 * Typed again, it goes on where it was stopped. Throws a `UserError` where something speaks against it: then nothing
 * has changed.
 */
export async function finish(asked: FinishAsked, world: FinishWorld): Promise<Finished> {
  const { rollout } = asked;
  const last = lastStage(rollout);
  const before = await world.ledger();
  const done = finishOf(rollout, before);
  if (done) return goOn(asked, world, before, finishIn(done));
  const first = await look(asked, world, last);
  const judged = await judgeExit(rollout, last, first, asked.timeScale, world);
  const { verdicts, proofs } = judged;
  if (!judged.go) return { kind: "blocked", verdicts, proofs };

  const by = await world.caller();
  await keep(asked, world, last, verdicts);
  const now = await look(asked, world, last);
  if (now.newest !== first.newest) throw refusal(rollout, between(now, first.newest));
  const note: Note = {
    cutover: 1,
    rollout: rollout.name,
    kind: "finish",
    stage: ALL_STAGES,
    attempt: last.attempt,
    reason: asked.reason,
    ...(by === undefined ? {} : { by }),
    id: asked.id,
    ...(rollout.release ? { release: rollout.release.version } : {}),
  };
  const carried = await world.record(note, now.newest);
  if (carried.kind === "impossible") throw refusal(rollout, carried.why);
  const entry = { deployment: carried.deployment, by, reason: asked.reason };
  const after = await lookAfter(asked, world, last, entry, () => true);
  if (after.kind !== "stands") return after;
  const told = await tell(asked, world, after.ledger, verdicts);
  return { kind: "finished", finish: after.finish, again: false, verdicts, proofs, ...told };
}

/** It is in the ledger already: what was not done yet is done. */
async function goOn(asked: FinishAsked, world: FinishWorld, ledger: Ledger, done: Finish): Promise<Finished> {
  const last = lastStage(asked.rollout);
  // One that was stopped right after its entry has not looked at what rang before it. What rang since leaves it standing.
  const rang = ({ since }: AlarmNow) =>
    since !== undefined && done.at !== undefined && Date.parse(since) < Date.parse(done.at);
  const after = await lookAfter(asked, world, last, done, rang, ledger);
  if (after.kind !== "stands") return after;
  const id = after.ledger.history.find(({ deployment }) => deployment === done.deployment)?.note?.id;
  const told = await tell(asked, world, after.ledger, () => verdictsOf(world, last, id));
  return { kind: "finished", finish: after.finish, again: true, ...told };
}

/** All that a finish is held against, beside its gates; the ledger last. Throws where something speaks against it. */
async function look({ rollout }: FinishAsked, world: FinishWorld, last: Stage): Promise<Ledger> {
  const names = rollbackAlarms(rollout, rollout.stages).map(({ alarm }) => alarm);
  const [recorded, alarms] = await Promise.all([
    world.recorded(last),
    known(() => (names.length === 0 ? Promise.resolve(new Map<string, AlarmNow>()) : world.alarms(names))),
  ]);
  const ledger = await world.ledger();
  const problems = problemsOfFinish({ rollout, ledger, recorded, alarms });
  if (problems.length > 0) throw new UserError(`${rollout.name} is not finished:`, problems);
  return ledger;
}

type Looked = Extract<Finished, { kind: "taken-back" | "unknown" }> | Stands;
interface Stands {
  readonly kind: "stands";
  readonly finish: Finish;
  readonly ledger: Ledger;
}

/**
 * What came after the entry: an abort, which ended the finish; a deployment of somebody else, or an alarm that rings, for
 * which the flags come down, as after a promotion. What cannot be read leaves it standing, and open.
 *
 * @param counts which alarms that ring count
 * @param before the ledger, where it was finished already: then what others deployed since is none of this look's
 */
async function lookAfter(
  asked: FinishAsked,
  world: FinishWorld,
  last: Stage,
  done: Finish,
  counts: (alarm: AlarmNow) => boolean,
  before?: Ledger,
): Promise<Looked> {
  const { rollout, patience = PATIENCE_MS } = asked;
  const rows = rollbackAlarms(rollout, rollout.stages);
  let ledger: Ledger;
  let alarms: ReadonlyMap<string, AlarmNow>;
  try {
    ledger = before ?? (await patiently(() => world.ledger(), patience));
    alarms = await patiently(
      async () => (rows.length === 0 ? new Map() : world.alarms(rows.map(({ alarm }) => alarm))),
      patience,
    );
  } catch (error) {
    return { kind: "unknown", finish: done, why: reasonOf(error) };
  }
  const own = finishOf(rollout, ledger);
  if (own?.deployment !== done.deployment)
    return {
      kind: "taken-back",
      why: between(ledger, done.deployment, "AppConfig took its entry back"),
      down: [],
    };
  const foreign = before
    ? undefined
    : ledger.history.find(({ deployment, carries }) => deployment > done.deployment && !carries);
  const loud = rows.filter(({ alarm }) => {
    const seen = alarms.get(alarm);
    return seen?.state === "ALARM" && counts(seen);
  });
  const downs = [
    ...loud.map((one) => ({ stage: one.stage, down: downFor(rollout, one) })),
    ...(foreign
      ? [
          {
            stage: last,
            down: {
              floor: floorOf(rollout, last),
              row: "ledger",
              reason: `deployment ${foreign.deployment} (${showEntry(foreign)}) came right after the finish`,
            },
          },
        ]
      : []),
  ];
  if (downs.length === 0) return { kind: "stands", finish: finishIn(own), ledger };
  const down: BroughtDown[] = [];
  for (const one of downs) down.push(await world.bringDown(one.stage, one.down));
  return { kind: "taken-back", why: downs.map((one) => one.down.reason).join("; "), down };
}

function downFor(rollout: Rollout, { stage, row, threshold, alarm }: RollbackAlarm): Down {
  return {
    floor: floorOf(rollout, stage, threshold),
    row,
    reason: `${row} (${threshold.title}): its alarm ${alarm} rang while the rollout was finished`,
  };
}

async function patiently<T>(ask: () => Promise<T>, patience: number): Promise<T> {
  for (const ends = Date.now() + patience; ; await sleep(PAUSE_MS)) {
    try {
      return await ask();
    } catch (error) {
      if (Date.now() + PAUSE_MS > ends) throw error;
    }
  }
}

/** What came after a deployment, each by whom. */
function between({ history }: Ledger, after: number, otherwise = "another deployment came between"): string {
  const came = history.filter(({ deployment }) => deployment > after).reverse();
  const each = came.map((entry) => {
    const reason = entry.note?.reason;
    return `deployment ${entry.deployment} (${showEntry(entry)}${reason ? `: ${reason}` : ""})`;
  });
  return each.length === 0 ? otherwise : `${each.join(", ")} came after what was looked at`;
}

function refusal({ name }: Rollout, what: string): UserError {
  return new UserError(`${name} is not finished:`, [
    {
      where: "ledger",
      what,
      remedy:
        "Nothing has changed. Look at what happened with cutover status, then run the same command again",
    },
  ]);
}

const keyOf = (id: string) => `finish-${id}`;

/** The verdicts are kept before the entry is made: one that is stopped right after it can still tell people. */
async function keep(asked: FinishAsked, { post }: FinishWorld, last: Stage, verdicts: readonly Verdict[]) {
  if (finishingOf(last.messages).length === 0) return;
  await post.note(keyOf(asked.id), JSON.stringify(verdicts)).catch((error: unknown) => {
    throw refusal(asked.rollout, `what its messages are to show cannot be kept: ${reasonOf(error)}`);
  });
}

/** The verdicts of an earlier run; undefined where they cannot be read any more. */
async function verdictsOf({ post }: FinishWorld, last: Stage, id: string | undefined) {
  if (id === undefined || finishingOf(last.messages).length === 0) return undefined;
  const text = await post.noted(keyOf(id)).catch(() => undefined);
  return text === undefined ? undefined : (JSON.parse(text) as Verdict[]);
}

/** Tells whoever was not told yet. Never throws: the finish stands whatever becomes of it. */
async function tell(
  { rollout, region, timeScale, topics }: FinishAsked,
  world: FinishWorld,
  { live }: Ledger,
  verdicts: readonly Verdict[] | (() => Promise<readonly Verdict[] | undefined>),
): Promise<{ readonly told: Told; readonly untold?: string }> {
  const last = lastStage(rollout);
  const since = live?.completedAt ?? new Date(world.now()).toISOString();
  try {
    const told = await tellFinish(world.post, {
      ...{ rollout: rollout.name, release: rollout.release, region, topics, since },
      ...{ stage: last.name, attempt: last.attempt, messages: last.messages, flags: last.flags },
      forMs: (world.now() - Date.parse(since)) * timeScale,
      verdicts: typeof verdicts === "function" ? await verdicts() : verdicts,
    });
    return { told };
  } catch (error) {
    return { told: NOBODY, untold: reasonOf(error) };
  }
}
