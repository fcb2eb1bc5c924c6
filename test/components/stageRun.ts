import { Stage } from "../../components/stage";
import type { StageArgs } from "../../components/stageArgs";
import type { Marks } from "../../src/flags/doors";
import type { Flipped } from "../../src/promotion/flip";
import type { AtFlip, AttemptRecord, PromotionRecord } from "../../src/promotion/record";
import type { Promotion } from "../../src/promotion/request";
import type { Settlement } from "../../src/promotion/settlement";
import type { Rollout } from "../../src/rollout/rollout";
import { stageNamed } from "../../src/rollout/rollout";
import { definitionsOf } from "../../src/rollout/strength/definitions";
import type { HeldTo } from "../../src/rollout/strength/judge";
import { compliantStage } from "../policies/fixture";
import { awsOutputs } from "./aws";
import { type Declared, declare } from "./engine";
import { rollout } from "./rollout";

export const ON_CALL = "arn:aws:sns:eu-central-1:123456789012:ops-view-on-call";

/** Stage B's promotion, on passing evidence. */
export function raising(): Promotion {
  return compliantStage().promotion;
}

/** A promotion that stays: its one smoke check passed. */
export function settled(): Settlement {
  const verdict = { gate: "SB1", title: "Patches are written", outcome: "pass" as const };
  return { outcome: "settled", verdicts: [{ ...verdict, observed: "yes", required: "yes", remedy: "" }] };
}

/** A promotion that was taken down again. */
export function takenDown(): Settlement {
  return {
    outcome: "aborted",
    by: "SB1",
    sentence: "SB1 (Patches are written): nothing is stored",
    verdicts: [],
  };
}

/** What was seen at the flip, which can be told from what was measured before the snapshot. */
export function seenAtFlip(): AtFlip {
  const { subject } = raising();
  return {
    evidence: { subject, measuredAt: "2026-11-21T12:30:00.000Z", observations: [] },
    verdicts: settled().verdicts,
  };
}

export interface StageRun {
  readonly stage?: string;
  readonly spec?: Rollout;
  readonly promotion?: Promotion | undefined;
  readonly behind?: Marks | undefined;
  readonly history?: StageArgs["history"];
  readonly admit?: StageArgs["admit"];
  readonly flip?: StageArgs["flip"];
  /** The deployment that promoted the attempt before. Default: 3, where this run promotes nothing. */
  readonly flipped?: number;
  /** Absent where nothing is raised. */
  readonly settle?: StageArgs["settle"];
  readonly recover?: StageArgs["recover"];
  readonly awaitFilled?: StageArgs["awaitFilled"];
  readonly makeRoom?: StageArgs["makeRoom"];
  /** What gates and probes log in with. Default: nothing, and so no probe. */
  readonly database?: StageArgs["database"];
  /** Whether the rollout is finished. */
  readonly finished?: boolean;
  /** Whether the stage's flags may be live. */
  readonly protect?: boolean;
  readonly creates?: boolean;
  /** What the stack holds of the stage's attempts. Default: nothing. */
  readonly kept?: readonly AttemptRecord[] | "unreadable";
  /** What the record holds since it was made; otherwise what it is given now. */
  readonly recorded?: PromotionRecord;
  readonly preview?: boolean;
  readonly fails?: boolean;
}

/** What the rollout of the fixture is held to. */
export const HELD: HeldTo = { definitions: definitionsOf(rollout()), weakened: [] };

/** A flip as it is handed over, by what was seen before it. */
export function flippedAs(deployment: number, atFlip?: AtFlip): Flipped {
  return { deployment, heldTo: HELD, ...(atFlip ? { atFlip } : {}) };
}

/** Declares one stage. Nothing is promoted unless a promotion is given. */
export function declareStage(run: StageRun = {}): Promise<Declared> {
  const { stage: name = "stageB", spec = rollout(), promotion } = run;
  const stage = stageNamed(spec, name);
  if (!stage) throw new Error(`no ${name} in the fixture`);
  return declare(
    () => {
      const args: StageArgs = {
        rollout: spec,
        stage,
        applicationId: "app1",
        environmentId: "env1",
        profileId: "prof1",
        strategyId: "strategy1",
        topics: { onCall: ON_CALL, ops: "arn:ops", stakeholders: "arn:stakeholders" },
        promotion,
        behind: run.behind ?? {},
        finished: run.finished ?? false,
        history: run.history ?? [],
        region: "eu-central-1",
        timeScale: 1,
        ...(run.database ? { database: run.database } : {}),
        completedAt: async () => "2026-11-21T12:31:00.000Z",
        admit: run.admit ?? (() => {}),
        flip: run.flip ?? (async () => flippedAs(3, promotion ? seenAtFlip() : undefined)),
        flipped: run.flipped ?? (promotion ? undefined : 3),
        kept:
          run.kept === "unreadable"
            ? { ok: false, why: "the checkpoint is cut off", remedy: "Run it again" }
            : { ok: true, value: run.kept ?? [] },
        settle: run.settle,
        recover: run.recover ?? (async () => {}),
        makeRoom: run.makeRoom ?? (async () => {}),
        awaitFilled: run.awaitFilled ?? (async () => {}),
      };
      const { record } = new Stage(name, args, { protect: run.protect ?? false });
      return { record };
    },
    (type, inputs) => ({
      ...awsOutputs(type, inputs),
      // A preview knows neither.
      ...(run.preview ? {} : { versionNumber: 7 }),
      ...(type === "pulumi:index:Stash" ? { output: run.recorded ?? inputs.input } : {}),
    }),
    {
      creates: run.creates ?? promotion !== undefined,
      preview: run.preview ?? false,
      fails: run.fails ?? false,
    },
  );
}
