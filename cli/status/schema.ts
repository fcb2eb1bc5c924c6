import { z } from "zod";
import { flagValues } from "../../src/flags/values";
import { ENDINGS } from "../../src/rollout/attempts";
import { gateView } from "../gateView";

const time = z.iso.datetime();

/** A part of the status that may be unknown: then it says why, and what to do. */
const part = <T extends z.ZodType>(value: T) =>
  z.discriminatedUnion("known", [
    z.strictObject({ known: z.literal(true), value }),
    z.strictObject({ known: z.literal(false), why: z.string(), remedy: z.string() }),
  ]);

const stage = z.strictObject({
  name: z.string(),
  title: z.string().optional(),
  attempt: z.int().positive(),
  state: z
    .enum([
      "passed",
      "live",
      "soaking",
      "deploying",
      "aborted",
      "finished",
      "next",
      "blocked",
      "ready",
      "not started",
      "unknown",
    ])
    .meta({
      description:
        "`soaking` is live with time left; `next` may be promoted as far as it is known; `ready` passes every gate, measured just now.",
    }),
  /** What a person reads beside the state. */
  sentence: z.string(),
  /** Since when its flags are live without a break. */
  since: time.optional(),
  /** When its soak is over. */
  soakEnds: time.optional(),
  aborted: z.strictObject({ at: time.optional(), by: z.string(), attempt: z.int().positive() }).optional(),
  irreversible: z.string().optional().meta({
    description: "Why there is no way back from it; there once every server was given its flags.",
  }),
  /** Every attempt that the ledger knows of, in their order; none where it is not known. */
  attempts: z.array(
    z.strictObject({
      attempt: z.int().positive(),
      /** The deployment that put its flags there; absent where it never went up. */
      deployment: z.int().positive().optional(),
      at: time.optional(),
      /** Who flipped, as AWS knows them. */
      by: z.string().optional(),
      release: z.string().optional(),
      ended: z.enum(ENDINGS),
      /** The same in words: by what, when and why. */
      said: z.string(),
    }),
  ),
});

const alarm = z.strictObject({
  /** The abort row; absent for an alarm that watches cutover itself. */
  row: z.string().optional(),
  name: z.string(),
  stage: z.string(),
  title: z.string(),
  action: z.enum(["rollback", "page"]),
  reach: z
    .string()
    .optional()
    .meta({ description: "How far down it goes now, where its stage alone does not say so." }),
  state: z.enum(["ok", "alarm", "no data", "missing"]),
  since: time.optional(),
  armed: z
    .union([z.literal(true), z.strictObject({ not: z.string(), remedy: z.string() })])
    .optional()
    .meta({
      description:
        "Whether all that must work for the row to act does work; absent where that is not looked at, or not known.",
    }),
});

const delivery = z.strictObject({
  name: z.string(),
  /** The platform, and which of its projects or services. */
  to: z.string(),
  /** How long it may take. */
  within: z.string(),
  state: z.enum(["delivered", "under way", "late", "refused", "nothing yet"]).meta({
    description:
      "`delivered`: servers there run with the live flags. `late` and `refused`: they go on with those of before.",
  }),
  /** The newest deployment whose flags servers there run with; absent where none was carried on. */
  deployment: z.int().nonnegative().optional(),
  /** Calls in its dead-letter queue; absent where there are none. */
  refused: z.int().positive().optional(),
});

const message = z.strictObject({
  row: z.string(),
  stage: z.string(),
  title: z.string(),
  to: z.array(z.string()),
  state: z
    .enum(["at the flip", "at the finish", "due", "sent", "overdue", "cancelled", "unknown"])
    .meta({ description: "`unknown`: it should have been sent, and it is not known whether it was." }),
  due: time.optional(),
});

const page = z.strictObject({
  stage: z.string(),
  /** The ledger's entry that it was about. */
  deployment: z
    .int()
    .positive()
    .optional()
    .meta({ description: "Its entry in the ledger. Absent where nothing is deployed for it." }),
  /** The same in words. */
  of: z.string(),
  at: time,
  /** Absent where nobody has said so by `cutover ack`. */
  seen: z.strictObject({ at: time, by: z.string().optional() }).optional(),
  /** Whether it was seen, in words. */
  said: z.string(),
});

/** What `cutover status --json` prints. */
export const statusView = z.strictObject({
  rollout: z.string(),
  title: z.string().optional(),
  /** What the rollout brings: its version and its day. */
  release: z.string().optional(),
  region: z.string(),
  at: time,
  /** Absent where it is not finished, or that is not known. */
  finished: z
    .strictObject({
      deployment: z.int().positive(),
      at: time.optional(),
      by: z.string().optional(),
      reason: z.string().optional(),
    })
    .optional()
    .meta({
      description: "Its finish: the flags stay, and nothing is raised or lowered by itself any more.",
    }),
  /** False where any part is unknown. */
  complete: z.boolean(),
  /** What a person has to look at, known for certain. */
  attention: z.array(z.strictObject({ where: z.string(), what: z.string(), remedy: z.string() })),
  stages: z.array(stage),
  flags: part(
    z
      .strictObject({
        values: flagValues,
        undeclared: z.array(z.string()),
        deployment: z.int().positive(),
        since: time,
        by: z.string(),
        kept: z.string().optional().meta({
          description:
            "What no abort lowers, whatever its floor, and why: there is no way back from a stage that was live.",
        }),
      })
      .nullable(),
  ),
  deliveries: part(z.array(delivery)).optional().meta({
    description: "Platforms that the flags are carried on to. Absent where there are none.",
  }),
  /** Of the stage that comes next; absent where there is none. */
  gates: part(
    z.strictObject({
      stage: z.string(),
      /** False where only what costs nothing was measured. */
      measured: z.boolean(),
      verdicts: z.array(gateView),
      earliest: time.optional(),
    }),
  ).optional(),
  alarms: part(z.array(alarm)),
  /** The newest drill that reached its end; null where there was none. */
  drill: part(
    z
      .strictObject({
        stage: z.string(),
        deployment: z.int().positive(),
        at: time.optional(),
        tookMs: z.number().nonnegative().optional(),
      })
      .nullable(),
  ),
  pages: part(z.array(page)).meta({
    description:
      "Pages that carried a code for `cutover ack`, newest first: of alarms, of drills, and those sent alone.",
  }),
  messages: part(z.array(message)),
});

export type StatusView = z.infer<typeof statusView>;
export type StageView = StatusView["stages"][number];
export type AttemptView = StageView["attempts"][number];
export type StageState = StageView["state"];
export type GatesView = Extract<NonNullable<StatusView["gates"]>, { known: true }>["value"];
export type AlarmView = Extract<StatusView["alarms"], { known: true }>["value"][number];
export type DeliveryView = Extract<NonNullable<StatusView["deliveries"]>, { known: true }>["value"][number];
export type PageView = Extract<StatusView["pages"], { known: true }>["value"][number];
export type MessageView = Extract<StatusView["messages"], { known: true }>["value"][number];
export type Attention = StatusView["attention"][number];
