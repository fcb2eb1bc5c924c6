import { readFileSync } from "node:fs";
import type { Ledger } from "../flags/ledger";
import { promotionsOf } from "../rollout/entries";
import type { Plan } from "../rollout/plan";
import { predecessorOf, type Stage } from "../rollout/rollout";
import { definitionsOf } from "../rollout/strength/definitions";
import {
  type Accepted,
  acceptedOf,
  type Base,
  base,
  type Comparison,
  type HeldTo,
  judgeStrength,
  unexplained,
} from "../rollout/strength/judge";
import { readHeldTo } from "./heldTo";
import { HELD_TO } from "./recorded";
import type { Settings } from "./settings";
import type { Situation } from "./sources";
import { unreadable } from "./stackState";

/** Names a file with what is known of the pull request's base (`Base`), for a preview that knows of one. */
export const BASE_VARIABLE = "CUTOVER_BASE";

/** What the stage is held to now, beside what it was: at its last flip, at its predecessor's, in the base. */
export async function compareStrength(
  situation: Situation & { readonly settings: Pick<Settings, "organization" | "project"> },
  planned: Plan,
  ledger: Ledger,
  env: NodeJS.ProcessEnv = process.env,
): Promise<Comparison> {
  const { rollout, stage, settings } = situation;
  const before = predecessorOf(rollout, stage);
  // The first stage's stack promotes nothing, and so writes nothing down.
  const asked = before && before !== rollout.stages[0] && planned.kind === "raise" ? before : undefined;
  const raises = planned.kind === "raise" || planned.kind === "restart";
  const read = (one: Stage) => readHeldTo(one, settings).catch(raises ? refuse(one) : () => undefined);
  const [own, other] = await Promise.all([read(stage), asked && read(asked)]);
  const promoted = promotionsOf(rollout, stage, ledger).length > 0;
  return {
    now: definitionsOf(rollout),
    before: { lastFlip: own?.definitions, predecessor: other?.definitions, base: readBase(env) },
    weakened: { ...stage.weakened },
    accepted: own?.weakened ?? [],
    unrecorded: (promoted && !own) || (asked !== undefined && !other),
  };
}

/** Only where flags would go up: nothing else depends on it, and lowering is never blocked. */
const refuse =
  ({ name }: Stage) =>
  (error: unknown): never => {
    throw unreadable(
      "It is not known what this rollout was held to before:",
      name,
      `output ${HELD_TO}`,
      error,
    );
  };

function readBase(env: NodeJS.ProcessEnv): Base | undefined {
  const file = env[BASE_VARIABLE];
  if (!file) return undefined;
  return base.parse(JSON.parse(readFileSync(file, "utf8")));
}

/**
 * What a flip writes down of a comparison, and whose `up` gave the reasons. Where something is weaker and nobody said
 * why, flags may still be lowered, and an interrupted flip adopted: what was written down stays the measure then.
 */
export async function heldToOf(
  strength: Comparison,
  whose: () => Promise<string | undefined>,
): Promise<HeldTo> {
  const list = judgeStrength(strength);
  const { lastFlip } = strength.before;
  if (lastFlip && unexplained(list).length > 0)
    return { definitions: lastFlip, weakened: [...strength.accepted] };
  const weakened = acceptedOf(list, strength);
  const isNew = (one: Accepted) => !strength.accepted.includes(one);
  const by = weakened.some(isNew) ? await whose() : undefined;
  return {
    definitions: strength.now,
    weakened: weakened.map((one) => (by === undefined || !isNew(one) ? one : { ...one, by })),
  };
}
