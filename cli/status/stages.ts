import { changes, showFlags } from "../../src/flags/flags";
import type { Ledger } from "../../src/flags/ledger";
import { showTime } from "../../src/gates/judge";
import { soakEndOnClock } from "../../src/gates/soakEnd";
import { attemptedOf, showEnding, toldOfFlip } from "../../src/rollout/attempts";
import { type Cause, causeOf } from "../../src/rollout/cause";
import { boundNow } from "../../src/rollout/doors";
import { finishOf } from "../../src/rollout/finished";
import { plan } from "../../src/rollout/plan";
import { liveStage, nextStage } from "../../src/rollout/position";
import type { Rollout, Stage } from "../../src/rollout/rollout";
import { nextAttempt } from "../../src/rollout/stops";
import { addressed, ofStack } from "../../src/text/command";
import { counted } from "../../src/text/counted";
import { showDuration } from "../../src/text/duration";
import type { Facts } from "./facts";
import type { AttemptView, GatesView, StageView } from "./schema";

type Found = Pick<StageView, "state" | "sentence" | "since" | "soakEnds" | "aborted">;

/** How each stage stands. Without a ledger nobody knows. */
export function stageViews(facts: Facts, gates: GatesView | undefined): StageView[] {
  const { rollout, ledger } = facts;
  const doors = ledger.ok && ledger.value ? boundNow(rollout, ledger.value).behind : {};
  return rollout.stages.map((stage): StageView => {
    const found: Found = !ledger.ok
      ? { state: "unknown", sentence: "" }
      : ledger.value?.live
        ? stateOf(stage, facts, ledger.value, gates)
        : facts.remains && facts.remains.left.length > 0
          ? { state: "unknown", sentence: "the flag store was deleted" }
          : { state: "not started", sentence: "" };
    const { name, title, attempt } = stage;
    const attempts = ledger.ok && ledger.value ? attemptViews(rollout, stage, ledger.value) : [];
    const door = Object.hasOwn(doors, name) ? doors[name] : undefined;
    return {
      ...{ name, ...(title === undefined ? {} : { title }), attempt, ...found, attempts },
      ...(door ? { irreversible: door.because } : {}),
    };
  });
}

function attemptViews(rollout: Rollout, stage: Stage, ledger: Ledger): AttemptView[] {
  return attemptedOf(rollout, stage, ledger).map(
    ({ attempt, flip, ending }): AttemptView => ({
      attempt,
      ...(flip ? toldOfFlip(flip) : {}),
      ended: ending.kind,
      said: showEnding(ending),
    }),
  );
}

function stateOf(stage: Stage, facts: Facts, ledger: Ledger, gates: GatesView | undefined): Found {
  const { rollout } = facts;
  const underWay = ledger.history.find(({ state }) => state === "under-way");
  if (underWay?.note?.stage === stage.name && underWay.note.kind === "promote")
    return { state: "deploying", sentence: `deployment ${underWay.deployment} is under way` };
  const live = liveStage(rollout, ledger);
  if (finishOf(rollout, ledger)) return finishedState(stage, live, facts, ledger);
  if (stage === live) return liveState(stage, facts, ledger);
  const planned = plan(rollout, stage, ledger);
  if (planned.kind === "none" && planned.why === "aborted") return aborted(stage, facts, ledger);
  const position = rollout.stages.indexOf(stage);
  if (live && position < rollout.stages.indexOf(live)) return { state: "passed", sentence: "" };
  if (stage === nextStage(rollout, ledger)) return nextState(stage, facts, ledger, gates);
  return { state: "not started", sentence: "" };
}

/** What is left of a finished rollout is told once, above its stages. */
function finishedState(stage: Stage, live: Stage | undefined, facts: Facts, ledger: Ledger): Found {
  if (stage !== live) return { state: "finished", sentence: "" };
  const { sentence, since } = liveState({ ...stage, soak: undefined }, facts, ledger);
  return { state: "finished", sentence: `${sentence}; its flags stay`, ...(since ? { since } : {}) };
}

function liveState(stage: Stage, { rollout, now, timeScale }: Facts, ledger: Ledger): Found {
  const since = ledger.live?.completedAt ?? "";
  const started = Date.parse(since);
  const lived = `live for ${showDuration(now - started)}, since ${showTime(since)}${lessIn(stage, rollout, ledger)}`;
  if (stage.soak === undefined) return { state: "live", sentence: lived, since };
  const ends = soakEndOnClock(stage.soak, started, rollout.calendar, timeScale);
  if (ends === undefined || !Number.isFinite(ends))
    return {
      state: "soaking",
      sentence: `${lived}; it is not known when its soak (${stage.soak}) is over`,
      since,
    };
  const soakEnds = new Date(ends).toISOString();
  return ends <= now
    ? { state: "live", sentence: `${lived}; soaked ${stage.soak}`, since, soakEnds }
    : {
        state: "soaking",
        sentence: `${showDuration(ends - now)} left of ${stage.soak}, until ${showTime(soakEnds)}; ${lived}`,
        since,
        soakEnds,
      };
}

/** What an abort of a later stage, which had contracted it, left down. */
function lessIn(stage: Stage, { flags }: Rollout, { live }: Ledger): string {
  const down = changes(flags, stage.flags, live?.flags ?? {}).map(({ flag, to }) => [flag, to]);
  if (down.length === 0) return "";
  return `, but for ${showFlags(Object.fromEntries(down))}, which an abort left so: only a new attempt raises that again`;
}

function aborted(stage: Stage, { rollout, now }: Facts, ledger: Ledger): Found {
  const abort = causeOf(rollout, stage, ledger);
  const next = `set attempt: ${nextAttempt(rollout, stage, ledger)} in Pulumi.${stage.name}.yaml, with new sign-offs, to promote it again`;
  if (!abort) return { state: "aborted", sentence: next };
  const { by, at, attempt } = abort;
  return {
    state: "aborted",
    sentence: `${showAbort(stage, abort, now)}; ${next}`,
    aborted: { by, attempt, ...(at === undefined ? {} : { at }) },
  };
}

function showAbort(stage: Stage, { by, at, reason }: Cause, now: number) {
  const title = stage.abort[by]?.title ?? stage.smoke[by]?.title ?? (by === "hand" ? reason : undefined);
  const when =
    at === undefined ? "" : ` ${showDuration(Math.max(0, now - Date.parse(at)))} ago, at ${showTime(at)}`;
  return `by ${by}${title === undefined ? "" : ` (${title})`}${when}`;
}

/** What comes next, as far as it is known what speaks against it. */
function nextState(
  stage: Stage,
  { rollout, now, place }: Facts,
  ledger: Ledger,
  gates: GatesView | undefined,
): Found {
  const planned = plan(rollout, stage, ledger);
  const before = causeOf(rollout, stage, ledger);
  const history = before
    ? { aborted: { by: before.by, attempt: before.attempt, ...(before.at ? { at: before.at } : {}) } }
    : {};
  const again = before
    ? `attempt ${stage.attempt}; attempt ${before.attempt} was aborted ${showAbort(stage, before, now)}; `
    : "";
  if (planned.kind === "refused")
    return {
      state: "blocked",
      sentence: addressed(
        `${again}${planned.problems.map(({ what, remedy }) => `${what}. ${remedy}`).join("; ")}`,
        place,
      ),
      ...history,
    };
  if (planned.kind === "none")
    return {
      state: "blocked",
      sentence: `${planned.sentence}. Set attempt: ${nextAttempt(rollout, stage, ledger)} in Pulumi.${stage.name}.yaml to promote it again`,
      ...history,
    };
  if (!gates) return { state: "next", sentence: `${again}its gates are not known`, ...history };
  const open = gates.verdicts.filter(({ outcome }) => outcome === "fail" || outcome === "inconclusive");
  if (open.length > 0) {
    const earliest = gates.earliest ? `, not before ${showTime(gates.earliest)}` : "";
    return {
      state: "blocked",
      sentence: `${again}by ${open.map(({ id }) => id).join(", ")}${earliest}`,
      ...history,
    };
  }
  if (gates.measured)
    return {
      state: "ready",
      sentence: `${again}every gate passes: ${ofStack(place, "up", stage.name)}`,
      ...history,
    };
  const unmeasured = gates.verdicts.filter(({ outcome }) => outcome === "not-run").length;
  const are = `${counted(unmeasured, "gate is", "gates are")} not measured yet`;
  return { state: "next", sentence: `${again}${are}`, ...history };
}

/** Whether a stage's alarms have to be there: its stack is up. */
export function isUp({ state }: Pick<StageView, "state">): boolean {
  return state === "passed" || state === "live" || state === "soaking" || state === "aborted";
}
