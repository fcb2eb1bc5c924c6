import type { StagePage } from "../../src/abort/readSeen";
import type { Remains } from "../../src/abort/remains";
import type { Known } from "../../src/aws/known";
import type { Ledger } from "../../src/flags/ledger";
import type { Evidence, Subject } from "../../src/gates/observation";
import type { Unarmed } from "../../src/rollout/armed";
import type { Rollout } from "../../src/rollout/rollout";
import type { Place } from "../../src/text/command";

/** What one alarm says. */
export interface AlarmFact {
  readonly state: "OK" | "ALARM" | "INSUFFICIENT_DATA";
  /** Since when, ISO 8601; absent where CloudWatch does not say. */
  readonly since?: string | undefined;
}

/** How far one delivery has come. */
export interface DeliveryFact {
  /** Calls in its queue, and in its dead-letter queue; undefined where there is no such queue. */
  readonly waiting: number | undefined;
  readonly refused: number | undefined;
  /** The newest deployment that it has carried on; undefined where none. */
  readonly delivered: number | undefined;
}

/** All that a status is made of, as it was found at one moment. Plain data: no client, no clock. */
export interface Facts {
  readonly rollout: Rollout;
  /** How commands that are printed reach the rollout, from where the status is read. */
  readonly place: Place;
  /** Where AWS was asked. */
  readonly region: string;
  /** Milliseconds since the epoch. */
  readonly now: number;
  /** How much faster declared durations pass than the clock. */
  readonly timeScale: number;
  /** Undefined where the rollout has no flag store: it was never started here, or its flag store was deleted. */
  readonly ledger: Known<Ledger | undefined>;
  /** What is left of a rollout without a flag store. */
  readonly remains?: Remains | undefined;
  /** Every alarm whose name begins with the rollout's, by name. */
  readonly alarms: Known<Readonly<Record<string, AlarmFact>>>;
  /** Why guards could not act, of the stages that are up. */
  readonly unarmed: Known<readonly Unarmed[]>;
  /** What people were told, by stage: keys such as `attempt-1/C1/ops`. */
  readonly told: Known<Readonly<Record<string, readonly string[]>>>;
  /** Pages of which the ledger has no entry. */
  readonly paged: Known<readonly StagePage[]>;
  /** By name; absent where the rollout has no deliveries. */
  readonly carried?: Known<Readonly<Record<string, DeliveryFact>>> | undefined;
  /** What was measured for the next stage; absent where there is none. */
  readonly measured?: Known<{ readonly subject: Subject; readonly evidence: Evidence }> | undefined;
}
