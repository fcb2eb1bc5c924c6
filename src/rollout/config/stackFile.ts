import { z } from "zod";
import { channelMap } from "../../channels/registry";
import { deliveryMap } from "../../delivery/registry";
import { servers } from "../../flags/servers";
import { calendar } from "../../gates/calendar";
import { rowId, someSoak } from "../../gates/common";
import { sourceMap } from "../../gates/elsewhere/source";
import { gateMap, stageGateMap } from "../../gates/gate";
import { expression } from "../../gates/jmespath";
import { reachedAs } from "../../gates/reachedAs";
import { moment } from "../../text/moment";
import { baseUrl } from "../../text/webUrl";
import { secretFree } from "../../text/writtenOut";
import { abortThreshold } from "./abortRow";
import { account } from "./account";
import { afterAbort } from "./afterAbort";
import { backup } from "./backup";
import { database } from "./database";
import { flagName, flagSpec, flagValue } from "./flagSpec";
import { irreversible } from "./irreversible";
import { measure } from "./measure";
import { messageMap } from "./messages";
import { parameters } from "./parameters";
import { reconciliationMap } from "./reconcile";
import { release } from "./release";
import { rollbackMap } from "./rollback";
import { abortTo } from "./rowConfig";
import { topics } from "./topics";

/** Names become part of AWS resource names (at most 64 characters with what is added) and of deployment notes. */
export const name = z
  .string()
  .regex(/^[a-z][a-zA-Z0-9-]{0,31}$/, "a name: a lower-case letter, then up to 31 letters, digits or dashes");

/** Where the sign-in of a request belongs. */
const SIGN_IN = "sign-in belongs in the token of a request's role, under as";

const signOff = z
  .strictObject({
    by: z
      .string()
      .trim()
      .min(2)
      .max(120)
      .meta({ description: "Who states it.", examples: ["ada@example.com"] }),
    at: moment.meta({
      description: "When. Before the stage went live it does not count.",
      examples: ["2026-11-21T10:00:00Z"],
    }),
    statement: z.string().trim().min(3).max(500).meta({ description: "What is stated." }),
    attempt: z
      .int()
      .positive()
      .meta({
        description: "The attempt of this stage that it is made for. It does not count for another one.",
        examples: [1],
      }),
    link: z
      .url("a URL such as https://tickets.example.com/OPS-1")
      .optional()
      .meta({ description: "Where it can be looked up." }),
    expires: moment.optional().meta({ description: "Until when it counts." }),
  })
  .refine(({ at, expires }) => expires === undefined || !(Date.parse(expires) <= Date.parse(at)), {
    path: ["expires"],
    message: "later than at: it would have expired before it was made",
  })
  .meta({ description: "A person's statement, reviewed with the pull request." });

const weakened = z.record(
  z
    .string()
    .regex(
      /^[A-Za-z][A-Za-z0-9_.-]{0,97}$/,
      "a row's id, or what the preview calls it, such as XB3 or stageA.soak",
    ),
  z
    .strictObject({
      reason: z.string().trim().min(10).max(500).meta({
        description:
          "Why it may be weaker, for the record. It counts for this weakening alone: a later one of the same row needs a reason of its own.",
      }),
    })
    .meta({ description: "A weakening that is meant." }),
);

/** `cutover:rollout`, in the first stage's stack only. */
export const rolloutConfig = z
  .strictObject({
    name: name.meta({
      description: "The rollout's name: names the AppConfig application and prefixes every resource.",
    }),
    title: z.string().max(120).optional(),
    release: release.optional(),
    flags: z
      .record(flagName, flagSpec)
      .refine((flags) => Object.keys(flags).length > 0, "at least one flag")
      .meta({ description: "The flags, by the names that servers read." }),
    parameters: parameters
      .default({})
      .meta({ description: "Values that gates' queries and requests name as `{name}`." }),
    gates: gateMap.default({}).meta({
      description:
        "Gates that several stages ask for, under the row's id. A stage names one as { source: shared }.",
    }),
    database: database
      .optional()
      .meta({ description: "Where SQL gates measure. Needed as soon as one is declared." }),
    measure: measure.optional(),
    backup: backup.optional(),
    topics,
    account: account.optional(),
    channels: channelMap.optional().meta({
      description:
        "Tools that people are told by, beside the topics' own subscriptions: each is sent every message of its topics in the tool's own form, by a function, and from a queue of its own.",
    }),
    calendar: calendar.optional().meta({ description: "What business cycles are counted by." }),
    service: z
      .strictObject({
        url: baseUrl(SIGN_IN)
          .refine(...secretFree({ message: "an address without a secret", remedy: SIGN_IN }))
          .meta({ examples: ["https://ops.example.com"] }),
      })
      .optional()
      .meta({ description: "Where gates and smoke checks send their requests." }),
    sources: sourceMap.optional(),
    servers: servers
      .superRefine(({ source }, context) => {
        const problems = expression.optional().safeParse(source).error?.issues ?? [];
        for (const { message } of problems) context.addIssue({ code: "custom", path: ["source"], message });
      })
      .optional(),
    delivery: deliveryMap.optional().meta({
      description:
        "Platforms that servers read their flags from when they start: after each change of the flags, the same flags are carried on to them by a function, from a queue each.",
    }),
    afterAbort: afterAbort.optional(),
    abortTo: abortTo.default("predecessor").meta({
      description:
        "How far down an abort goes, where neither the stage nor the row says otherwise: to the flags of the stage's `predecessor`, or of a stage that is named; one phase below what is live (`previous`); or all `off`.",
    }),
    rollback: rollbackMap.default({}).meta({
      description: "The ways back from every stage, as their runbooks tell them (`cutover runbook`).",
    }),
    reservedConcurrency: z.int().min(-1).max(100).default(5).meta({
      description:
        "How many aborts may run at once, kept free of whatever else runs in the account. -1 keeps none, for accounts whose limit leaves nothing to keep.",
    }),
  })
  .meta({ description: "The rollout: its flags, and what all of its stages share." });

const snapshot = z
  .strictObject({
    instance: z
      .string()
      .min(1)
      .optional()
      .meta({ description: "Identifier of the RDS instance to snapshot." }),
    cluster: z
      .string()
      .min(1)
      .optional()
      .meta({ description: "Identifier of the Aurora cluster to snapshot." }),
    reachedAs: reachedAs("CNAME of ops-db's endpoint in the private zone").optional().meta({
      description:
        "Another name under which the gates reach this database. Left out, `database.host` must be an endpoint of it, as RDS has it.",
    }),
  })
  .refine(
    (value) => (value.instance === undefined) !== (value.cluster === undefined),
    "exactly one of instance, cluster",
  );

/** `cutover:stage`, in every stage's stack. */
export const stageConfig = z
  .strictObject({
    title: z.string().max(120).optional(),
    predecessor: name.optional().meta({
      description: "The stage before this one (its stack's name). Left out in the first stage only.",
    }),
    formerly: z
      .array(name)
      .default([])
      .meta({
        description:
          "Names that this stage had before. What the ledger says of them is said of it: without them a renamed stage would forget its stops.",
        examples: [["stage-a"]],
      }),
    attempt: z
      .int()
      .positive()
      .default(1)
      .meta({ description: "Promoted once per attempt. Raise it to promote again after an abort." }),
    flags: z
      .record(flagName, flagValue)
      .meta({ description: "Every flag's value while this stage is live." }),
    contracts: z
      .array(flagName)
      .min(1)
      .refine((list) => new Set(list).size === list.length, "each flag once")
      .refine(
        (list) => JSON.stringify(list).length <= 320,
        "names of 320 characters at most, together: the note of a deployment has room for no more",
      )
      .optional()
      .meta({
        description:
          "Flags that are lower in this stage than in its predecessor: a step forward that takes something down, with gates, in the same document as what it raises. An abort raises nothing, so they stay down after it.",
        examples: [["DUAL_WRITE"]],
      }),
    soak: someSoak
      .optional()
      .meta({ description: "How long the stage must have been live, without a break, before the next one." }),
    lower: z
      .strictObject({
        reason: z
          .string()
          .trim()
          .min(10)
          .meta({ description: "Why flags go down through `pulumi up`, for the record." }),
      })
      .optional()
      .meta({
        description: "Needed to lower flags through `pulumi up`, so that it cannot happen by accident.",
      }),
    irreversible: irreversible.optional(),
    weakened: weakened.default({}).meta({
      description:
        "Why something is weaker than it was at the last flip, by what it is: a row's id, or a name such as `stageA.soak` that the preview says. Without a reason here, the stage is not promoted.",
      examples: [{ XB3: { reason: "The divergence check is replaced by XB5" } }],
    }),
    entry: stageGateMap.default({}).meta({ description: "What must hold before this stage is promoted." }),
    smoke: stageGateMap.default({}).meta({
      description:
        "What is checked right after the flip, within 15 minutes. A check that fails takes the flags down again; behind an irreversible stage no further than its floor, and on-call is paged.",
    }),
    signOffs: z
      .record(rowId, signOff)
      .default({})
      .meta({ description: "Statements for this promotion, under the ids of the gates that ask for them." }),
    exit: stageGateMap.default({}).meta({ description: "What must hold before the next stage is promoted." }),
    abortTo: abortTo.optional().meta({
      description: "How far down an abort of this stage goes. Default: the rollout's abortTo.",
    }),
    abort: z
      .record(rowId, abortThreshold)
      .refine((rows) => !Object.hasOwn(rows, "drill"), {
        message: "another name: `drill` is the row of the stage's own drill",
        path: ["drill"],
      })
      .default({})
      .meta({ description: "Alarms that page on-call while this stage is live." }),
    reconcile: reconciliationMap.default({}).meta({
      description:
        "Two sources of the same thing that the probe compares while this stage is live, by name. Rows under `abort` and gates on metrics go by what it finds.",
    }),
    messages: messageMap.default({}).meta({ description: "What people are told about this stage." }),
    rollback: rollbackMap.default({}).meta({
      description: "The ways back from this stage, as the runbook tells them (`cutover runbook`).",
    }),
    snapshot: snapshot.optional().meta({ description: "The database to snapshot before the flags change." }),
  })
  .meta({ description: "One stage of the rollout." });

export type RolloutConfig = z.infer<typeof rolloutConfig>;
export type StageConfig = z.infer<typeof stageConfig>;
export type SnapshotSource = z.infer<typeof snapshot>;
export type Weakened = Readonly<z.infer<typeof weakened>>;
export type SignOff = z.infer<typeof signOff>;
