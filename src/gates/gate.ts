import { z } from "zod";
import { rowId, soakLength } from "./common";
import {
  alarmsGate,
  convergenceGate,
  dateGate,
  drillGate,
  exitGate,
  signOffGate,
  snapshotGate,
  soakGate,
} from "./schemas/conditions";
import { checkGate, httpGate, metricGate, type request, sqlGate } from "./schemas/measured";

export { rowId, soakLength } from "./common";

const SOURCES = [
  soakGate,
  sqlGate,
  metricGate,
  alarmsGate,
  httpGate,
  checkGate,
  convergenceGate,
  signOffGate,
  snapshotGate,
  drillGate,
  dateGate,
  exitGate,
] as const;

/** A gate that several stages ask for: declared once, under the same id, in `gates` of the rollout. */
const sharedGate = z
  .strictObject({ source: z.literal("shared") })
  .meta({ description: "The gate of this id in `gates` of cutover:rollout, which several stages share." });

/** What must hold before a promotion, by where the evidence comes from. */
export const gateDefinition = z.discriminatedUnion("source", SOURCES);

export type GateDefinition = z.infer<typeof gateDefinition>;
export type Source = GateDefinition["source"];
export type SoakGate = z.infer<typeof soakGate>;
export type SqlGate = z.infer<typeof sqlGate>;
export type MetricGate = z.infer<typeof metricGate>;
export type HttpGate = z.infer<typeof httpGate>;
export type HttpRequest = z.infer<typeof request>;
export type CheckGate = z.infer<typeof checkGate>;
export type SnapshotGate = z.infer<typeof snapshotGate>;
export type DrillGate = z.infer<typeof drillGate>;
export type DateGate = z.infer<typeof dateGate>;

/** Gates that stages share, by their row ids. */
export const gateMap = z.record(rowId, gateDefinition);

/** A stage's gates by their row ids, some of them shared with other stages. */
export const stageGateMap = z.record(rowId, z.discriminatedUnion("source", [...SOURCES, sharedGate]));
export type StageGates = z.infer<typeof stageGateMap>;

/** When an office is open; a business cycle is one full window from open to close. */
export const calendar = z.strictObject({
  zone: z.string().meta({ description: "IANA time zone.", examples: ["Europe/Berlin"] }),
  days: z
    .array(z.enum(["mon", "tue", "wed", "thu", "fri", "sat", "sun"]))
    .min(1)
    .meta({ description: "Working days.", examples: [["mon", "tue", "wed", "thu", "fri"]] }),
  open: z
    .string()
    .regex(/^([01]\d|2[0-3]):[0-5]\d$/, "a time of day such as 09:00")
    .meta({ examples: ["09:00"] }),
  close: z
    .string()
    .regex(/^([01]\d|2[0-3]):[0-5]\d$/, "a time of day such as 17:30")
    .meta({ examples: ["17:30"] }),
});
export type Calendar = z.infer<typeof calendar>;

/**
 * A gate as one promotion is held to it: the definition with everything filled in that the rollout decides
 * (parameters, the soak that really applies), so that its hash covers all that the verdict depends on.
 */
export const gate = z.strictObject({
  id: z.string(),
  /** The stage's own `entry`, its predecessor's `exit`, or the `smoke` checks after the flip. */
  phase: z.enum(["entry", "exit", "smoke"]),
  /** The stage in whose config the gate is written. */
  stage: z.string(),
  definition: gateDefinition,
  /** For a soak: every length that must be over, and the calendar that business cycles are counted by. */
  soaks: z.array(soakLength).optional(),
  calendar: calendar.optional(),
  /** For convergence: the flags that every server has to report. */
  flags: z.record(z.string(), z.union([z.boolean(), z.number()])).optional(),
  /** For convergence: every server that has to be asked, and where it tells its flags. */
  servers: z
    .strictObject({ urls: z.array(z.string()), ecs: z.array(z.string()), path: z.string(), at: z.string() })
    .optional(),
  /** For alarms: the names of the alarms that must be quiet, by row. */
  alarms: z.record(z.string(), z.string()).optional(),
  /** For a drill: the stage whose abort path it must have tried. */
  drill: z.strictObject({ rollout: z.string(), stage: z.string() }).optional(),
  /** For a snapshot: its identifier, and the instance or cluster that it must be of. */
  snapshot: z
    .strictObject({ id: z.string(), kind: z.enum(["instance", "cluster"]), of: z.string() })
    .optional(),
});

export type Gate = z.infer<typeof gate>;
