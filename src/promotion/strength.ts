import { readFileSync } from "node:fs";
import type { Ledger } from "../flags/ledger";
import { promotionsOf } from "../rollout/entries";
import type { Plan } from "../rollout/plan";
import { predecessorOf } from "../rollout/rollout";
import { type Definitions, definitions, definitionsOf } from "../rollout/strength/definitions";
import { acceptedOf, type Comparison, type HeldTo, judgeStrength } from "../rollout/strength/judge";
import { readHeldTo } from "./predecessor";
import type { Settings } from "./settings";
import type { Situation } from "./sources";

/** Names a file with the definitions of the pull request's base, for a preview that knows of one. */
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
  const [own, other] = await Promise.all([readHeldTo(stage, settings), asked && readHeldTo(asked, settings)]);
  const promoted = promotionsOf(rollout, stage, ledger).length > 0;
  return {
    now: definitionsOf(rollout),
    before: { lastFlip: own?.definitions, predecessor: other?.definitions, base: readBase(env) },
    weakened: { ...stage.weakened },
    accepted: own?.weakened ?? [],
    unrecorded: (promoted && !own) || (asked !== undefined && !other),
  };
}

function readBase(env: NodeJS.ProcessEnv): Definitions | undefined {
  const file = env[BASE_VARIABLE];
  if (!file) return undefined;
  return definitions.parse(JSON.parse(readFileSync(file, "utf8")));
}

/** What a flip writes down of a comparison, and whose `up` gave the reasons. */
export async function heldToOf(
  strength: Comparison,
  whose: () => Promise<string | undefined>,
): Promise<HeldTo> {
  const weakened = acceptedOf(judgeStrength(strength));
  const by = weakened.length > 0 ? await whose() : undefined;
  return {
    definitions: strength.now,
    weakened: weakened.map((one) => (by === undefined ? one : { ...one, by })),
  };
}
