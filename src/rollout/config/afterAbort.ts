import { z } from "zod";
import { short } from "../../text/command";
import { someTime } from "../../text/duration";
import { logGroup, logPattern } from "./logs";

/** `cutover:rollout.afterAbort`: what `cutover abort --follow` does once the flags are down. */
export const afterAbort = z
  .strictObject({
    inFlight: z
      .strictObject({
        title: z
          .string()
          .max(120)
          .default("work in flight")
          .meta({
            description: "What is counted, as a progress line names it.",
            examples: ["imports in flight"],
          }),
        query: z
          .string()
          .min(1)
          .meta({
            description:
              "One SELECT that yields how much of it is left. Read-only, as the gate role: its tables belong in database.reads.",
            examples: ["select count(*) from imports where pipeline_version = 'v2' and finished_at is null"],
          }),
        values: z
          .array(z.union([z.string(), z.number(), z.boolean()]))
          .default([])
          .meta({
            description:
              "Values for $1, $2 … in the query. `{name}` is replaced by the rollout's parameter of that name, and `{down}` by the time at which the servers had been waited for.",
            examples: [["{down}"]],
          }),
        limit: someTime
          .default("30m")
          .meta({ description: "How long it is waited for at most.", examples: ["30m"] }),
      })
      .optional()
      .meta({ description: "Work that was begun while the flags were up, and is left to finish." }),
    logs: z
      .strictObject({
        group: logGroup.meta({
          description: "The app's log group, in CloudWatch Logs.",
          examples: ["/ecs/imports"],
        }),
        pattern: logPattern.meta({
          description: "CloudWatch's filter pattern for a line that confirms it.",
          examples: ['{ $.pipeline_version = "v1" }'],
        }),
        limit: someTime
          .default("5m")
          .meta({ description: "How long such a line is waited for at most.", examples: ["5m"] }),
      })
      .optional()
      .meta({
        description:
          "The line of the app's log that confirms the lowered flags, once every server reports them. Read with the credentials of whoever aborts. Left out, the line to type is printed.",
      }),
    lookAt: z
      .array(z.string().min(1).max(300))
      .default([])
      .meta({
        description: "What to look at first when the cause is searched for, in this order.",
        examples: [[short.cutover("query", "Q4"), short.cutover("query", "Q6")]],
      }),
  })
  .meta({ description: "What an abort with `--follow` waits for and names once the flags are down." });

export type AfterAbort = z.infer<typeof afterAbort>;
