import { z } from "zod";
import { duration } from "../../text/duration";
import { common, parameterised, soakLength } from "../common";

/** The predecessor has been live, without a break, for its soak. */
export const soakGate = z
  .strictObject({
    source: z.literal("soak"),
    ...common,
    atLeast: soakLength.optional().meta({
      description: "Demanded beside the predecessor's own soak: both must be over.",
      examples: ["24h"],
    }),
  })
  .meta({
    description:
      "The predecessor has been live, without a break, for at least its soak. An abort, or any other deployment that changes flags, starts it anew; a drill, a stop and a hold do not.",
  });

/** The abort alarms in force are quiet, and were all through the predecessor's soak. */
export const alarmsGate = z.strictObject({ source: z.literal("alarms"), ...common }).meta({
  description:
    "Every abort alarm of the live stage, and of the stages before it, is OK now, and none was in ALARM since the stage went live.",
});

/** Every listed server reports the flags. */
export const convergenceGate = z
  .strictObject({
    source: z.literal("convergence"),
    ...common,
    within: duration.default("5m").meta({
      description: "How long after the flip the last server may take.",
      examples: ["5m"],
    }),
  })
  .meta({ description: "Every listed server reports the stage's flags." });

/** A person's statement in the stage's `signOffs`. */
export const signOffGate = z.strictObject({ source: z.literal("signOff"), ...common }).meta({
  description: "A person has stated it, under the same id in signOffs of the stage to be promoted.",
});

/** The snapshot that the promotion itself takes. */
export const snapshotGate = z
  .strictObject({
    source: z.literal("snapshot"),
    ...common,
    maxAge: duration.default("24h").meta({
      description: "An older snapshot, left by an interrupted attempt, does not count.",
      examples: ["24h"],
    }),
  })
  .meta({
    description: "The snapshot of this promotion exists and is available. Looked at right before the flip.",
  });

/** The predecessor's abort path was tried. */
export const drillGate = z
  .strictObject({
    source: z.literal("drill"),
    ...common,
    maxAge: duration.default("30d").meta({
      description: "An older drill does not count.",
      examples: ["30d"],
    }),
    within: duration.default("120s").meta({
      description: "How long it may have taken from the breaching data point to the completed deployment.",
      examples: ["120s"],
    }),
  })
  .meta({
    description:
      "The predecessor's abort path was drilled (`cutover drill`), lately and fast enough. The soak goes on through a drill.",
  });

/** A date has passed. */
export const dateGate = z
  .strictObject({
    source: z.literal("date"),
    ...common,
    after: z.string().meta({
      description: `The moment that must have passed: a time, or a parameter that holds one. ${parameterised}`,
      examples: ["2027-03-01T00:00:00Z", "{sunset}"],
    }),
  })
  .meta({ description: "A date that people were told has passed. It is never scaled." });

/** All of the predecessor's exit gates. */
export const exitGate = z
  .strictObject({ source: z.literal("exit"), ...common })
  .meta({ description: "Every exit gate of the predecessor passes." });
