import { z } from "zod";
import { NOTE_KINDS } from "../../src/flags/ledger";
import { flagValue, flagValues } from "../../src/flags/values";
import { ENDINGS } from "../../src/rollout/attempts";
import { limitSchema } from "../../src/rollout/signal";

const time = z.iso.datetime();

/** What was read, or why it could not be: what is not known never reads as if it were fine. */
export type Known<T> =
  | { readonly known: true; readonly value: T }
  | { readonly known: false; readonly why: string };

const known = <T extends z.ZodType>(value: T) =>
  z.discriminatedUnion("known", [
    z.strictObject({ known: z.literal(true), value }),
    z.strictObject({ known: z.literal(false), why: z.string() }),
  ]);

const stage = z.strictObject({
  name: z.string(),
  title: z.string().optional(),
  attempt: z.int(),
  flags: flagValues,
  /** As config writes it. */
  soak: z.string().optional(),
  /** When its soak is over, where the stage is live. */
  soakEnds: time.optional(),
  /** What people reconcile once it came down: each with the line to type. */
  reconcile: z.array(z.strictObject({ title: z.string(), line: z.string() })).optional(),
});

/** One deployment of flags. */
const deployment = z.strictObject({
  number: z.int(),
  state: z.enum(["complete", "under-way", "rolled-back"]),
  at: time.optional(),
  kind: z.enum([...NOTE_KINDS, "foreign"]),
  stage: z.string().optional(),
  attempt: z.int().optional(),
  row: z.string().optional(),
  reason: z.string().optional(),
  /** Who put it there, as the ledger words it. */
  said: z.string(),
  /** Of a page that it sent with a code: who saw it, and after how long; or that nobody has said so. */
  seen: z.string().optional(),
  /** Who made it, as AWS knows them, where people read of a person. */
  by: z.string().optional(),
  /** The stages that it brought down. */
  downs: z.array(z.string()).optional(),
  /** The flags of its document. */
  flags: known(flagValues),
});

/** What the ledger says of one attempt of a stage. */
const attempted = z.strictObject({
  stage: z.string(),
  attempt: z.int(),
  /** What put its flags there; absent where it never went up. */
  flip: z
    .strictObject({
      deployment: z.int(),
      at: time.optional(),
      /** Who, as AWS knows them. */
      by: z.string().optional(),
      release: z.string().optional(),
    })
    .optional(),
  ended: z.enum(ENDINGS),
  /** The same in words: by what, when and why. */
  said: z.string(),
});

const ledger = z.strictObject({
  live: z
    .strictObject({
      deployment: z.int(),
      since: time,
      flags: flagValues,
      /** The stage whose flags these are; absent after an abort to flags that are nobody's. */
      stage: z.string().optional(),
      undeclared: z.array(z.string()),
      /** What no abort lowers, and why; absent where all flags can still go down. */
      kept: z.string().optional(),
    })
    .optional(),
  /** By which row and why every stage is held, where a row froze the flags and nobody has released them. */
  frozen: z.string().optional(),
  /** Oldest first. */
  deployments: z.array(deployment),
  /** Of every stage, in their order. */
  attempts: z.array(attempted),
  /** Since when, by whom and why it is finished, as the end of a sentence; absent where it is not. */
  finished: z.string().optional(),
});

const alarmState = z.enum(["OK", "ALARM", "INSUFFICIENT_DATA", "missing"]);

const alarm = z.strictObject({
  row: z.string(),
  stage: z.string(),
  title: z.string(),
  action: z.enum(["rollback", "page"]),
  state: alarmState,
  /** Why it could not act; absent where it could, or where that is not known. */
  unarmed: z.string().optional(),
  /** Oldest first. */
  history: known(z.array(z.strictObject({ at: time, to: alarmState }))),
});

const kind = z.enum(["abort", "gate"]);
/** A limit, drawn as a horizontal line, with the row whose it is. */
const line = limitSchema.extend({ row: z.string(), kind });

const signal = z.strictObject({
  /** Namespace, name and statistic: what tells it from all others. */
  id: z.string(),
  metric: z.string(),
  statistic: z.string(),
  rows: z.array(
    z.strictObject({
      row: z.string(),
      stage: z.string(),
      kind,
      title: z.string(),
    }),
  ),
  lines: z.array(line),
  /** Seconds that one point stands for, and that the alarm looks at, where there is one. */
  period: z.number().positive(),
  alarmPeriod: z.number().positive().optional(),
  /** Oldest first: ms since the epoch, and the value. */
  points: known(z.array(z.tuple([z.number(), z.number()]))),
  /** What is missing of it. */
  partial: z.string().optional(),
});

const outcome = z.enum(["pass", "fail", "inconclusive", "not-run", "unknown"]);
const evidenceRow = z.strictObject({
  row: z.string(),
  title: z.string().optional(),
  outcome,
  said: z.string(),
});

/** What a stage's stack keeps of its attempts. */
const evidence = z.strictObject({
  stage: z.string(),
  /** In their order. */
  records: known(
    z.array(
      z.strictObject({
        attempt: z.int(),
        measured: z.string(),
        commit: z.string().optional(),
        gates: z.array(evidenceRow),
        smoke: z.array(evidenceRow),
        aborted: z.string().optional(),
      }),
    ),
  ),
});

/** Something that happened beside the flags: what a rehearsal did, what was said, what people add. */
export const reportEvent = z.strictObject({
  at: time,
  kind: z.enum(["blocked", "message", "step", "failed", "note"]),
  title: z.string(),
  stage: z.string().optional(),
  lines: z.array(z.string()).default([]),
});

/** A message that config plans. Whether it was sent, `told` says. */
const message = z.strictObject({
  row: z.string(),
  stage: z.string(),
  title: z.string(),
  to: z.array(z.string()),
  when: z.string(),
  /** When it is due, where the stage is live. */
  due: time.optional(),
});

/** A message that was sent to one topic, as the stage's own log of them keeps it. */
const told = z.strictObject({
  row: z.string(),
  stage: z.string(),
  attempt: z.int(),
  to: z.string(),
  at: time,
});

/** All that the report page shows, as plain data. */
export const reportData = z.strictObject({
  version: z.literal(2),
  rollout: z.string(),
  title: z.string().optional(),
  /** What the rollout brings: its version and its day. */
  release: z.string().optional(),
  madeAt: time,
  /** How much faster declared durations pass than the clock. */
  timeScale: z.number().positive(),
  rehearsal: z.boolean(),
  flags: z.record(
    z.string(),
    z.strictObject({
      kind: z.enum(["boolean", "percentage", "states"]),
      title: z.string().optional(),
      off: flagValue,
    }),
  ),
  stages: z.array(stage),
  ledger: known(ledger),
  alarms: known(z.array(alarm)),
  /** Set where it is not known which alarms could act: why. */
  guardsUnknown: z.string().optional(),
  signals: z.array(signal),
  evidence: z.array(evidence),
  messages: z.array(message),
  told: known(z.array(told)),
  events: z.array(reportEvent),
});

export type ReportData = z.infer<typeof reportData>;
export type ReportEvent = z.infer<typeof reportEvent>;
export type ReportStage = z.infer<typeof stage>;
export type ReportAlarm = z.infer<typeof alarm>;
export type ReportSignal = z.infer<typeof signal>;
export type ReportEvidence = z.infer<typeof evidence>;
export type ReportRecord = Extract<ReportEvidence["records"], { known: true }>["value"][number];
export type ReportAttempt = z.infer<typeof attempted>;
export type ReportMessage = z.infer<typeof message>;
export type ReportTold = z.infer<typeof told>;
export type ReportDeployment = z.infer<typeof deployment>;
export type Point = readonly [ms: number, value: number];
