import { known } from "../aws/known";
import { ALL_STAGES, type Ledger, type LedgerEntry, type Note } from "../flags/ledger";
import { finishIn, finishOf } from "../rollout/finished";
import { lastStage, problemsOfFinish } from "../rollout/finishing";
import type { Rollout, Stage } from "../rollout/rollout";
import { stageFinished } from "../rollout/sinceFinish";
import { UserError } from "../text/problem";
import { lookAfter, showBetween } from "./finishAfter";
import { judgeExit } from "./finishGates";
import { alarmsOf, openDecisions } from "./finishOpen";
import { keep, remember, tell } from "./finishTell";
import type { FinishAsked, Finished, FinishWorld } from "./finishWorld";

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
  if (done) return goOn(asked, world, before, done);
  const first = await look(asked, world, last);
  const judged = await judgeExit(rollout, last, first, asked.timeScale, world);
  const { verdicts, proofs } = judged;
  if (!judged.go) return { kind: "blocked", verdicts, proofs };

  const by = await world.caller();
  await keep(asked, world, last, verdicts);
  const now = await look(asked, world, last);
  if (now.newest !== first.newest)
    throw refusal(rollout, showBetween(now, first.newest) ?? "another deployment came between");
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
  const remembered = await remember(world, { stage: last, attempt: last.attempt, verdicts });
  const after = await lookAfter(asked, world, entry);
  if (after.kind !== "stands") return after;
  const told = await tell(asked, world, after, remembered);
  return {
    ...{ kind: "finished", again: false, verdicts, proofs, ...told },
    ...{ finish: after.finish, flags: after.flags },
  };
}

/**
 * It is in the ledger already: what was not done yet is done, for the stage and the attempt that were finished, whatever
 * the stack files say by now. One that was stopped right after its entry has not looked at what came with it.
 */
async function goOn(
  asked: FinishAsked,
  world: FinishWorld,
  ledger: Ledger,
  entry: LedgerEntry,
): Promise<Finished> {
  const stage = stageFinished(asked.rollout, ledger, entry.deployment);
  const remembered = await remember(world, { stage, attempt: entry.note?.attempt ?? 1, id: entry.note?.id });
  const after = await lookAfter(asked, world, finishIn(entry));
  if (after.kind !== "stands") return after;
  const told = await tell(asked, world, after, remembered);
  return { kind: "finished", again: true, finish: after.finish, flags: after.flags, ...told };
}

/** All that a finish is held against, beside its gates; the ledger last. Throws where something speaks against it. */
async function look({ rollout }: FinishAsked, world: FinishWorld, last: Stage): Promise<Ledger> {
  const [lastFlip, alarms] = await Promise.all([world.lastFlip(last), known(() => alarmsOf(rollout, world))]);
  const open = alarms.ok ? await openDecisions(rollout, world, alarms.value) : [];
  const ledger = await world.ledger();
  const problems = problemsOfFinish({ rollout, ledger, ...lastFlip, alarms, open });
  if (problems.length > 0) throw new UserError(`${rollout.name} is not finished:`, problems);
  return ledger;
}

function refusal({ name }: Rollout, what: string): UserError {
  return new UserError(`${name} is not finished:`, {
    where: "ledger",
    what,
    remedy: "Nothing has changed. Look at what happened with cutover status, then run the same command again",
  });
}
