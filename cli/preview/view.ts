import { type AbortView, abortsOf, floorIn } from "../../src/abort/inForce";
import { changes, type Flags, type FlagValue } from "../../src/flags/flags";
import type { Gate } from "../../src/gates/gate";
import { requiredOf, type Verdict } from "../../src/gates/judge";
import { admit, isDue, type Judgement } from "../../src/promotion/admit";
import type { Promotion } from "../../src/promotion/request";
import type { LiveReport } from "../../src/promotion/runReport";
import { type MissingSignOff, missingSignOffs } from "../../src/promotion/signOffs";
import { staysDown } from "../../src/rollout/contracted";
import { type DeliveryInWords, deliveriesInOrder } from "../../src/rollout/deliveries";
import { doorFloor } from "../../src/rollout/doors";
import { type Recipients, recipientsOf } from "../../src/rollout/recipients";
import { floorOf, predecessorOf, type Rollout, type Stage, stageNamed } from "../../src/rollout/rollout";
import { definitionsOf } from "../../src/rollout/strength/definitions";
import { judgeStrength, unexplained, type Weakening } from "../../src/rollout/strength/judge";
import { abort, addressed, cutover, ofStage, type Place } from "../../src/text/command";
import { showProblem } from "../../src/text/problem";
import { type Redact, redactAll } from "../../src/text/redact";
import { changesOf, type ResourceChange } from "./changes";
import type { PreviewFacts, Trouble } from "./facts";
import { plannedSnapshot, type SnapshotView } from "./snapshot";
import { type UnprovenView, unprovenOf } from "./unproven";

/** Whether the stage may be brought up as it is: `failed` where that could not be found out. */
type PreviewOutcome = "allowed" | "blocked" | "failed";

/** What bringing the stage up would do to the flags. The first stage's stack is the foundation. */
type PreviewKind = "raise" | "lower" | "restart" | "none" | "refused" | "foundation" | "unknown";

export interface FlagView {
  readonly flag: string;
  /** Absent where it is not known. */
  readonly live?: FlagValue | undefined;
  readonly proposed: FlagValue;
  readonly change: "raise" | "lower" | "none" | "unknown";
}

/** A gate's verdict, or that it is only looked at right before the flip. */
export interface GateView extends Omit<Verdict, "outcome"> {
  readonly outcome: Verdict["outcome"] | "at-the-flip";
}

/** What there is no way back from. */
interface DoorView {
  readonly because: string;
  /** Flags that stay at least as they are here, whatever fires. */
  readonly floor: Flags;
}

/** A platform that flags are carried on to, and what prints its variables. */
interface DeliveredView extends DeliveryInWords {
  readonly byHand?: string | undefined;
}

/** All that a preview says, redacted: the comment and the JSON are two ways to write it. */
export interface PreviewView {
  readonly version: 1;
  readonly rollout: string;
  /** What the comment ends with: the way back, and where the whole of it is. Absent for a stage whose name is none. */
  readonly commands?: { readonly abort: string; readonly preview: string } | undefined;
  readonly stage: string;
  readonly title?: string | undefined;
  readonly attempt?: number | undefined;
  readonly outcome: PreviewOutcome;
  readonly kind: PreviewKind;
  /** Set where it would go through a door, or is kept from it: why there is no way back, and what stays from then on. */
  readonly irreversible?: DoorView | undefined;
  /** Set where the attempt was promoted before. */
  readonly why?: "live" | "superseded" | "aborted" | "finished" | undefined;
  /** What the plan says in a sentence, where it leaves the flags as they are or lowers them. */
  readonly sentence?: string | undefined;
  readonly commit?: string | undefined;
  readonly live?: Omit<LiveReport, "flags"> | undefined;
  readonly flags: readonly FlagView[];
  readonly gates: readonly GateView[];
  /** Gates that were not seen to fail on what is known to be bad. Absent where there is none. */
  readonly unproven?: readonly UnprovenView[] | undefined;
  /** When all that merely waits could have passed. ISO 8601, UTC. */
  readonly earliest?: string | undefined;
  /** What is weaker than it was. Without a reason it blocks where flags would go up. */
  readonly weakenings: readonly Weakening[];
  /** True where flags would go up, and what the rollout was held to before was not written down. */
  readonly unrecorded: boolean;
  /** True where the base of the pull request has no such rollout. */
  readonly newInBase: boolean;
  /** What speaks against it beside the gates, a sentence or more each. */
  readonly objections: readonly string[];
  readonly trouble?: Trouble | undefined;
  readonly signOffs: readonly MissingSignOff[];
  /** True where the state was a copy without secrets. */
  readonly copy: boolean;
  /** Absent where the engine did not come to it; `complete` is false where it stopped on the way. */
  readonly changes?: { readonly complete: boolean; readonly list: readonly ResourceChange[] } | undefined;
  readonly snapshot?: SnapshotView | undefined;
  /** Platforms that flags are carried on to, in the order in which they go up. Absent where there are none. */
  readonly deliveries?: readonly DeliveredView[] | undefined;
  readonly aborts: readonly AbortView[];
  /** Who is told of the stage, topic by topic. Empty where the stack files cannot be used. */
  readonly told: readonly Recipients[];
  /** Ids of what is checked after the flip. */
  readonly smoke: readonly string[];
  /** What a failed one leaves up behind a door, and why, in words. Absent where it takes all flags down again. */
  readonly smokeKept?: string | undefined;
  /** What stays down after an abort, since the stage contracts it, and how it comes up again. Absent where it does not. */
  readonly contracted?: string | undefined;
  /** How much faster declared durations pass than the clock. */
  readonly timeScale: number;
}

const LOWER_REASON =
  "It lowers flags, and the stack's config does not say why: write lower: { reason: … } under cutover:stage. To bring flags down at once, without Pulumi, there is an abort";

/** Puts together what a preview says. Pure: the same facts give the same view. */
export function viewOf(facts: PreviewFacts, redact: Redact): PreviewView {
  const { rollout, report, engine, trouble } = facts;
  const stage = rollout && stageNamed(rollout, facts.stage);
  const kind = kindOf(facts, stage);
  const promotion = report?.promotion;
  const judgement = judgementOf(promotion);
  const weaker = weakeningsIn(facts, stage);
  const objections = objectionsTo(facts, judgement, unexplained(weaker));
  const raises = kind === "raise" || kind === "restart";
  const blocked =
    objections.length > 0 || judgement?.go === false || (raises && unexplained(weaker).length > 0);
  const gates = gatesOf(promotion, judgement);
  const plan = report?.plan;
  const written = (sentence: string) => addressed(sentence, placeOf(facts));
  return redactAll(
    {
      version: 1,
      rollout: facts.name,
      commands: commandsOf(facts),
      stage: facts.stage,
      title: stage?.title,
      attempt: stage?.attempt,
      outcome: trouble ? "failed" : blocked ? "blocked" : "allowed",
      kind,
      irreversible: rollout && stage && doorOf(rollout, stage, kind),
      why: plan?.kind === "none" ? plan.why : undefined,
      sentence: plan?.kind === "none" ? plan.sentence : plan?.kind === "lower" ? plan.reason : undefined,
      commit: promotion?.subject.commit,
      live: report?.live && withoutFlags(report.live),
      flags: rollout && stage && kind !== "foundation" ? flagsOf(facts, stage) : [],
      gates: gates.map((gate) => ({ ...gate, remedy: written(gate.remedy) })),
      unproven: unprovenOf(report?.proofs),
      earliest: judgement?.earliest,
      weakenings: weaker,
      unrecorded: raises && report?.strength?.unrecorded === true,
      newInBase: facts.newInBase === true,
      copy: facts.copy === true,
      objections: objections.map(written),
      trouble: trouble && { ...trouble, remedy: written(trouble.remedy) },
      signOffs: promotion && judgement ? missingSignOffs(promotion.gates, judgement.verdicts) : [],
      changes: engine && { complete: trouble === undefined, list: changesOf(engine.steps) },
      snapshot: rollout && stage && plan ? plannedSnapshot(rollout, stage, plan.kind) : undefined,
      deliveries: rollout && deliveredOf(rollout, placeOf(facts)),
      aborts: rollout && stage ? abortsOf(rollout, stage) : [],
      told: rollout && stage ? recipientsOf(rollout, stage) : [],
      smoke: plan?.kind === "raise" && stage ? Object.keys(stage.smoke) : [],
      smokeKept: rollout && stage && floorIn(rollout, stage, floorOf(rollout, stage)).kept,
      contracted: rollout && stage && staysDown(rollout, stage),
      timeScale: promotion?.timeScale ?? 1,
    } satisfies PreviewView,
    redact,
  );
}

function deliveredOf(rollout: Rollout, place: Place): PreviewView["deliveries"] {
  const all = deliveriesInOrder(rollout);
  return all.length === 0
    ? undefined
    : all.map((one) => ({ ...one, byHand: cutover(place, "env", `-d ${one.name}`) }));
}

/** The flags that are off in the floor anyway are left out: nothing keeps them. */
function doorOf(rollout: Rollout, { irreversible }: Stage, kind: PreviewKind): DoorView | undefined {
  if (!irreversible || !THROUGH.includes(kind)) return undefined;
  const kept = changes(rollout.flags, {}, doorFloor(rollout, irreversible));
  return {
    because: irreversible.because,
    floor: Object.fromEntries(kept.map(({ flag, to }) => [flag, to])),
  };
}

/** Ways for a preview to come out of which a door says that it is one; the others do not go through it. */
const THROUGH: readonly PreviewKind[] = ["raise", "refused", "unknown"];

/** Where the program did not come so far, the base alone is compared with. */
function weakeningsIn({ rollout, report, base }: PreviewFacts, stage: Stage | undefined): Weakening[] {
  if (report?.strength) return judgeStrength(report.strength);
  if (!rollout || !base) return [];
  return judgeStrength({
    now: definitionsOf(rollout),
    before: { base },
    weakened: { ...stage?.weakened },
    accepted: [],
    unrecorded: false,
  });
}

function placeOf({ name, place = { rollout: name } }: PreviewFacts): Place {
  return place;
}

/** A name that no stage can have, from a command line, is not repeated as something to type. */
function commandsOf(facts: PreviewFacts): PreviewView["commands"] {
  const [{ stage }, place] = [facts, placeOf(facts)];
  if (!/^[A-Za-z][\w-]{0,63}$/.test(stage)) return undefined;
  return { abort: abort(place, stage), preview: ofStage(place, "preview", stage) };
}

function kindOf({ rollout, report }: PreviewFacts, stage: Stage | undefined): PreviewKind {
  if (report) return report.plan.kind;
  return rollout && stage && predecessorOf(rollout, stage) === undefined ? "foundation" : "unknown";
}

/** Judged at the time of the last observation, so that the same report always reads the same. */
function judgementOf(promotion: Promotion | undefined): Judgement | undefined {
  if (promotion?.plan.kind !== "raise" || !promotion.evidence) return undefined;
  const { subject, gates, evidence, unarmed, timeScale } = promotion;
  const times = [evidence.measuredAt, ...evidence.observations.map(({ at }) => at)].map((at) =>
    Date.parse(at),
  );
  const asked = { subject, gates, evidence, unarmed };
  return admit(asked, { now: Math.max(...times), timeScale, moment: "admission" });
}

/** The rule that says in a long text what the gate table says. */
const EVIDENCE_RULE = "promote-only-on-passing-evidence";
/** The rule that says what stands under "weaker than before". */
const WEAKENING_RULE = "weaken-on-purpose";

function objectionsTo(
  { report, engine }: PreviewFacts,
  judgement: Judgement | undefined,
  weaker: readonly Weakening[],
): string[] {
  const plan = report?.plan;
  const own =
    plan?.kind === "refused"
      ? plan.problems.map(showProblem)
      : plan?.kind === "lower" && plan.reason === undefined
        ? [LOWER_REASON]
        : plan?.kind === "raise" && !judgement
          ? ["Nothing was measured for it"]
          : (judgement?.problems ?? []);
  const told = new Set([
    ...(judgement?.go === false ? [EVIDENCE_RULE] : []),
    // The plan's own words say it better.
    ...(plan?.kind === "refused" ? ["promote-stages-in-order"] : []),
    ...(plan?.kind === "lower" ? ["lower-flags-on-purpose"] : []),
  ]);
  const rules = (engine?.violations ?? [])
    // What is weaker stands above all else.
    .filter(({ rule }) => rule !== WEAKENING_RULE || weaker.length === 0)
    .filter(({ rule }) => !(told.has(rule) && (own.length > 0 || judgement?.go === false)))
    .map(({ rule, message }) => `Policy ${rule}: ${message}`);
  return [...own, ...[...new Set(rules)].sort()];
}

/** Every gate in the promotion's own order, those that are not due yet among them. */
function gatesOf(promotion: Promotion | undefined, judgement: Judgement | undefined): GateView[] {
  if (!promotion || !judgement) return [];
  return promotion.gates.flatMap((gate): GateView[] => {
    if (!isDue(gate, "admission")) return [notDue(gate)];
    const verdict = judgement.verdicts.find((one) => one.gate === gate.id);
    return verdict ? [verdict] : [];
  });
}

function notDue(gate: Gate): GateView {
  return {
    gate: gate.id,
    title: gate.definition.title,
    outcome: "at-the-flip",
    observed: "looked at right before the flags change",
    required: requiredOf(gate),
    remedy: "",
  };
}

function flagsOf({ rollout, report }: PreviewFacts, stage: Stage): FlagView[] {
  const specs = rollout?.flags ?? {};
  const plan = report?.plan;
  const live: Flags | undefined = report?.live?.flags;
  // What was promoted before stays as it is, whatever config asks for.
  const to = plan?.kind === "none" ? (live ?? stage.flags) : stage.flags;
  const list = live ? changes(specs, live, to) : [];
  return Object.entries(specs).map(([flag, { off }]): FlagView => {
    const proposed = to[flag] ?? off;
    if (!live) return { flag, proposed, change: "unknown" };
    const change = list.find((one) => one.flag === flag);
    return { flag, live: live[flag] ?? off, proposed, change: change?.direction ?? "none" };
  });
}

function withoutFlags({ flags: _, ...rest }: LiveReport): Omit<LiveReport, "flags"> {
  return rest;
}
