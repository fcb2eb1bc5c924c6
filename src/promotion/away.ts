import { z } from "zod";
import { failed } from "../aws/failure";
import { type Gate, kindOf, rolesOf } from "../gates/gate";
import { gateHash } from "../gates/hash";
import type { Away, Sources } from "../gates/look";
import { type Observation, observation } from "../gates/observation";
import { CLOCK_SKEW_MS } from "../gates/verdict";
import type { Accepted } from "../measuring/accept";
import { askFunction, type Invoke, type Question } from "../measuring/call";
import { placesHash, placesOf } from "../measuring/places";
import { unlooked } from "../messages/summary";
import type { Rollout, Stage } from "../rollout/rollout";
import { short } from "../text/command";
import type { Problem } from "../text/problem";

/** What the first stage's stack puts out of its measuring function. */
export const measuringOutput = z.object({ functionArn: z.string() });
export type Measuring = z.infer<typeof measuringOutput>;

/** For what the function is asked. */
interface For {
  readonly rollout: Rollout;
  readonly stage: Pick<Stage, "name" | "attempt">;
  readonly foundation: { readonly measuring?: Measuring | undefined };
}

/** How the function is called, and which code it should have. */
export interface Calling {
  readonly invoke?: Invoke | undefined;
  readonly code: () => Promise<string>;
}

const CALLING: Calling = {
  // Loaded here: a rollout without such a function does not pay for the bundler.
  code: async () => (await import("../lambda/functions")).functionHash("measure"),
};

/**
 * Asks the rollout's measuring function; undefined where the rollout declares none. Throws nothing. One that is not
 * there yet gives no answer, and keeps nothing from going down.
 */
export function askerOf(
  { rollout, stage, foundation }: For,
  { invoke, code }: Calling = CALLING,
): ((asked: Question["asked"]) => Promise<Accepted>) | undefined {
  const { measure, stages, name } = rollout;
  if (!measure) return undefined;
  const bringUp = short.ofStack("up", stages[0].name);
  const { measuring } = foundation;
  if (!measuring)
    return async () => ({ ok: false, why: `there is no measuring function yet: ${bringUp} makes it, first` });
  const { functionArn: arn } = measuring;
  const fn = { arn, timeout: measure.timeout, bringUp, code, places: placesHash(placesOf(rollout)) };
  return (asked) =>
    askFunction(fn, { rollout: name, stage: stage.name, attempt: stage.attempt, asked }, invoke);
}

/** Looks at gates through the rollout's measuring function; undefined where it declares none. */
export function awayOf(of: For, calling?: Calling): Away | undefined {
  const ask = askerOf(of, calling);
  return ask && { look: (gates, sources) => observedBy(ask, gates, sources) };
}

/**
 * One observation of each gate by a measuring function. Throws nothing: each says why where no answer came that counts.
 *
 * @param around what of the sources goes along. Default: nothing is live, and time is not scaled
 */
export async function observedBy(
  ask: (asked: Question["asked"]) => Promise<Accepted>,
  gates: readonly Gate[],
  around: Around,
): Promise<Observation[]> {
  const accepted = await ask(askedOf(gates, around));
  return accepted.ok ? boundTo(gates, accepted) : gates.map((gate) => unanswered(gate, accepted.why));
}

type Around = Pick<Sources, "parameters"> &
  Partial<Pick<Sources, "ledger" | "timeScale" | "acting" | "service" | "elsewhere">>;

/**
 * Why smoke checks could not be looked at: asked before anything is touched, since after the flip it would take a
 * healthy stage down. Asks nothing where no check is looked at from there.
 */
export async function unmeasurable(checks: readonly Gate[], of: For, calling?: Calling): Promise<Problem[]> {
  const rows = checks.filter(({ definition }) => kindOf(definition).inNetwork).map(({ id }) => id);
  const ask = rows.length > 0 ? askerOf(of, calling) : undefined;
  const accepted = await ask?.({ kind: "nothing" });
  if (!accepted || accepted.ok) return [];
  return [
    {
      where: rows.join(", "),
      what: `could not be looked at after the flip, since the measuring function gives no answer that counts: ${accepted.why}`,
      remedy: "See to it, then run pulumi up again",
    },
  ];
}

function askedOf(
  gates: readonly Gate[],
  { ledger, parameters, timeScale = 1, acting = false, service, elsewhere }: Around,
): Question["asked"] {
  const roles = new Set(gates.flatMap(({ definition }) => rolesOf(definition, elsewhere?.sources)));
  const tokens = Object.entries({ ...service?.tokens, ...elsewhere?.tokens }).filter(([role]) =>
    roles.has(role),
  );
  return {
    kind: "gates",
    gates: [...gates],
    liveSince: ledger?.live?.completedAt ?? null,
    parameters: { ...parameters },
    timeScale,
    acting,
    tokens: Object.fromEntries(tokens),
  };
}

/** What was seen of each gate, where that is one observation of this very definition, made for this request. */
function boundTo(
  gates: readonly Gate[],
  { seen, began, ended }: Extract<Accepted, { ok: true }>,
): Observation[] {
  const all = z.array(observation).safeParse(seen);
  if (!all.success || all.data.length !== gates.length)
    return gates.map((gate) => unanswered(gate, "the function's answer is not one observation of each gate"));
  return gates.map((gate, index) => {
    const one = all.data[index];
    if (one?.gate !== gate.id || one.definition !== gateHash(gate))
      return unanswered(gate, "the function looked at another definition of this gate");
    const at = Date.parse(one.at);
    if (!(at >= began - CLOCK_SKEW_MS && at <= ended + CLOCK_SKEW_MS))
      return unanswered(gate, "the function says that it looked at another time than it was asked");
    return one;
  });
}

const unanswered = (gate: Gate, why: string) => unlooked(gate, failed("unanswered", why), Date.now());
