import type { AppConfigClient } from "@aws-sdk/client-appconfig";
import { lowerFlags } from "../../src/abort/lower";
import type { AbortRequest } from "../../src/abort/request";
import { AppConfigStore } from "../../src/flags/appConfigStore";
import type { Flags } from "../../src/flags/flags";
import { writeNote } from "../../src/flags/ledger";
import { ledgerReader } from "../../src/flags/readLedger";
import { flip } from "../../src/promotion/flip";
import type { Promotion } from "../../src/promotion/request";
import { settle } from "../../src/promotion/settle";
import type { Situation } from "../../src/promotion/sources";
import { plan } from "../../src/rollout/plan";
import type { Predecessor } from "../../src/rollout/planRaise";
import { floorOf, type Rollout, type Stage } from "../../src/rollout/rollout";
import { AppConfigInMemory, type AppConfigOptions } from "./appConfig";
import { baseline, gist, note, OFF, opsFlags, rollout, settings, stageA, stageB, unweakened } from "./build";

/**
 * The real promotion and the real abort of a rollout, against AppConfig in memory. A test that uses them has to mock
 * what is not about the order of things (gates, alarms, messages), and to hand out the store's client.
 */

export const LIMITS = { total: 2_000, patience: 200, pause: 0 };
const ids = { applicationId: "app1", environmentId: "env1", profileId: "prof1" };

/** A flag store with the foundation up. */
export function opened(options: Partial<AppConfigOptions> = {}): AppConfigInMemory {
  const store = new AppConfigInMemory({ specs: opsFlags, ...options });
  store.deploy(OFF, writeNote(note({ stage: "baseline" })));
  store.settle();
  return store;
}

export function situation(stage: Stage, of?: Rollout): Situation {
  const stages = [baseline, stageA, stageB].map((one) => (one.name === stage.name ? stage : one));
  return {
    rollout: of ?? rollout({ stages: stages as [Stage, ...Stage[]] }),
    stage,
    foundation: { store: { ...ids, region: "eu-central-1" }, strategyId: "s1", database: undefined } as never,
    settings,
    checks: {},
  };
}

export const readerOf = (of: Situation) => ledgerReader(of.foundation.store, of.rollout.flags);
export const recorded = (attempt: number): Predecessor => ({ kind: "recorded", attempt, outcome: "settled" });

export async function versionOf(store: AppConfigInMemory, of: Flags): Promise<string> {
  const made = (await store.client().send({
    constructor: { name: "CreateHostedConfigurationVersionCommand" },
    input: { Content: new TextEncoder().encode(JSON.stringify(of)) },
  } as never)) as unknown as { VersionNumber: number };
  return String(made.VersionNumber);
}

/** `pulumi up`: what came of it, with the refusal's words. */
export async function up(
  store: AppConfigInMemory,
  stage: Stage,
  {
    before = recorded(1),
    of = situation(stage),
    between,
  }: {
    before?: Predecessor;
    of?: Situation;
    between?: () => Promise<unknown>;
  } = {},
): Promise<string> {
  try {
    const read = readerOf(of);
    const planned = plan(of.rollout, stage, await read(), before);
    if (planned.kind !== "raise" && planned.kind !== "restart") return gist(planned);
    const promotion = { plan: planned, subject: {}, gates: [], timeScale: 1 } as unknown as Promotion;
    await flip(
      { situation: of, promotion, strength: unweakened, before, read },
      await versionOf(store, stage.flags),
    );
    await between?.();
    return (await settle(of, read, () => {})).outcome === "settled" ? "promoted" : "aborted";
  } catch (error) {
    return `failed: ${(error as Error).message}`;
  }
}

export const storeOf = (store: AppConfigInMemory) =>
  new AppConfigStore(store.client() as AppConfigClient, { ...ids, strategyId: "s1" }, 500);

/** As `cutover abort -s` asks, from a working tree whose attempt is the stage's. */
export const asked = (
  stage: Stage,
  floor: Flags = floorOf(situation(stage).rollout, stage),
): AbortRequest => ({
  specs: opsFlags,
  floor,
  formerly: stage.formerly,
  note: {
    rollout: "ops-view",
    stage: stage.name,
    attempt: stage.attempt,
    id: crypto.randomUUID(),
    reason: "no",
  },
});
export const abort = (store: AppConfigInMemory, stage: Stage, floor?: Flags) =>
  lowerFlags(storeOf(store), asked(stage, floor), LIMITS);
