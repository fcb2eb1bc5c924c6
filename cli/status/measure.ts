import type { Ledger } from "../../src/flags/ledger";
import type { Evidence, Subject } from "../../src/gates/observation";
import { measure } from "../../src/promotion/measure";
import { subjectOf } from "../../src/promotion/request";
import { gatesFor } from "../../src/promotion/resolve";
import type { Situation } from "../../src/promotion/sources";
import { plan } from "../../src/rollout/plan";
import { nextStage } from "../../src/rollout/position";
import type { Rollout } from "../../src/rollout/rollout";
import type { Project } from "../project";
import { isFree } from "./gates";

/** What was measured for the next stage; undefined where none can be promoted. */
export type Measured = { readonly subject: Subject; readonly evidence: Evidence } | undefined;

/** Looks at the gates of the next stage that cost nothing: those that stand in the ledger, in config or in an alarm. */
export async function measureFree(
  { rollout, region, timeScale }: Pick<Project, "rollout" | "region" | "timeScale">,
  ledger: Ledger,
): Promise<Measured> {
  const asked = askedFor(rollout, ledger);
  if (!asked) return undefined;
  const { stage, subject } = asked;
  const gates = gatesFor(rollout, stage).filter(isFree);
  const live = stage.predecessor ?? "";
  const { parameters } = rollout;
  const sources = { ledger, live, promoted: stage, parameters, checks: {}, region, timeScale };
  return { subject, evidence: await measure(subject, gates, sources, "admission") };
}

/**
 * Measures all gates of the next stage, as its promotion would. Takes what that takes: Pulumi, for the secrets of
 * the stacks, and time.
 *
 * @param open opens a stage with its config and secrets
 */
export async function measureAll(
  open: (stage: string) => Promise<Situation>,
  rollout: Rollout,
  ledger: Ledger,
): Promise<Measured> {
  const asked = askedFor(rollout, ledger);
  if (!asked) return undefined;
  const { stage, subject } = asked;
  const { sourcesOf } = await import("../../src/promotion/sources");
  const sources = sourcesOf(await open(stage.name), stage.predecessor ?? "", ledger);
  return { subject, evidence: await measure(subject, gatesFor(rollout, stage), sources, "admission") };
}

function askedFor(rollout: Rollout, ledger: Ledger) {
  const stage = nextStage(rollout, ledger);
  const planned = stage && plan(rollout, stage, ledger);
  if (!stage || planned?.kind !== "raise") return undefined;
  // Nothing is promoted by it, so the commit does not matter.
  return { stage, subject: subjectOf(rollout, stage, planned, ledger.live?.completedAt, "unknown") };
}
