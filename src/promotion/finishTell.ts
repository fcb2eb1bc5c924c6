import { isNamed } from "../flags/appConfigStore";
import type { Verdict } from "../gates/judge";
import { tellFinish } from "../messages/finishing";
import type { SendResult } from "../messages/sendOnce";
import { finishingOf } from "../rollout/config/messages";
import type { Stage } from "../rollout/rollout";
import { short } from "../text/command";
import { reasonOf, UserError } from "../text/problem";
import type { Stands } from "./finishAfter";
import type { FinishAsked, FinishWorld, ToldOfFinish } from "./finishWorld";

const NOBODY: SendResult = { told: [], before: [], failed: [], unkept: [] };

const keyOf = (id: string) => `finish-${id}`;

/** The verdicts are kept before the entry is made: one that is stopped right after it can still tell people. */
export async function keep(
  { rollout, id }: Pick<FinishAsked, "rollout" | "id">,
  world: Pick<FinishWorld, "postOf">,
  last: Stage,
  verdicts: readonly Verdict[],
): Promise<void> {
  if (finishingOf(last.messages).length === 0) return;
  await world
    .postOf(last)
    .note(keyOf(id), JSON.stringify(verdicts))
    .catch((error: unknown) => {
      throw new UserError(`${rollout.name} is not finished:`, {
        where: `stage ${last.name}`,
        what: `what its messages are to show cannot be kept: ${reasonOf(error)}`,
        remedy: isGone(error)
          ? `Nothing has changed. The log that it is kept in is made by ${short.ofStack("up", last.name)}`
          : "Nothing has changed. Check the credentials and the network, then run the same command again",
      });
    });
}

/** Whose finish people are told of. */
interface Subject {
  /** The stage that was live at the finish; absent where the stack files have it no more. */
  readonly stage: Stage | undefined;
  readonly attempt: number;
  /** What its gates showed then, where this run has seen it. */
  readonly verdicts?: readonly Verdict[] | undefined;
  /** What an earlier run kept it under. */
  readonly id?: string | undefined;
}

/** What is known of earlier messages. */
type Remembered =
  | (Subject & { readonly stage: Stage; readonly before: ReadonlySet<string> })
  | Omit<ToldOfFinish, "told">;

/** Reads who was told already, and what the gates showed. Never throws: the finish stands whatever is known of it. */
export async function remember(
  world: Pick<FinishWorld, "postOf">,
  { stage, ...subject }: Subject,
): Promise<Remembered> {
  if (!stage) return { untold: "the stage that was live at the finish is in no stack file any more" };
  if (finishingOf(stage.messages).length === 0) return { ...subject, stage, before: new Set() };
  const post = world.postOf(stage);
  try {
    const before = await post.sent(subject.attempt);
    const text =
      subject.id === undefined ? undefined : await post.noted(keyOf(subject.id)).catch(() => undefined);
    const noted = text === undefined ? undefined : (JSON.parse(text) as Verdict[]);
    return { ...subject, stage, before, verdicts: subject.verdicts ?? noted };
  } catch (error) {
    // A run that made the entry has kept something there a moment ago.
    return isGone(error) && subject.verdicts === undefined
      ? { forgotten: true }
      : { untold: reasonOf(error) };
  }
}

/** Its log went with the stage's stack. */
const isGone = (error: unknown) => isNamed(error, "ResourceNotFoundException");

/** Tells whoever was not told yet what is live. Never throws: the finish stands whatever becomes of it. */
export async function tell(
  { rollout, region, timeScale, topics }: FinishAsked,
  world: Pick<FinishWorld, "postOf" | "now">,
  { ledger: { live, history }, finish, flags }: Stands,
  remembered: Remembered,
): Promise<ToldOfFinish> {
  if (!("before" in remembered)) return { told: NOBODY, ...remembered };
  const { stage, attempt, before, verdicts } = remembered;
  const since = live?.completedAt ?? new Date(world.now()).toISOString();
  const version = history.find(({ deployment }) => deployment === finish.deployment)?.note?.release;
  try {
    const about = {
      ...{ rollout: rollout.name, region, topics, since, flags, verdicts },
      release: rollout.release?.version === version ? rollout.release : undefined,
      ...{ stage: stage.name, attempt, messages: stage.messages },
      forMs: (world.now() - Date.parse(since)) * timeScale,
    };
    return { told: await tellFinish(world.postOf(stage), about, before) };
  } catch (error) {
    return { told: NOBODY, untold: reasonOf(error) };
  }
}
