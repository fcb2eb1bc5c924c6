import { z } from "zod";

/** `cutover:rollout.servers`. */
export const servers = z
  .strictObject({
    urls: z.array(z.url()).default([]).meta({ description: "Base URL of each server." }),
    ecs: z
      .array(
        z.strictObject({
          cluster: z.string().min(1),
          service: z.string().min(1),
          port: z.int().min(1).max(65535).default(80),
          scheme: z.enum(["http", "https"]).default("http"),
          restart: z.boolean().default(false).meta({
            description:
              "True for servers that read flags from their environment: they are restarted at a flip, where its smoke checks fail, at a `lower:` and at an abort.",
          }),
        }),
      )
      .default([])
      .meta({ description: "ECS services: every running task is asked, by its private address." }),
    path: z
      .string()
      .startsWith("/")
      .meta({
        description: "Where a server tells its flags.",
        examples: ["/api/v2.5/feature-flags"],
      }),
    at: z
      .string()
      .default("")
      .meta({
        description: "Where in the answer's JSON the flags stand, such as data.flags.",
        examples: ["data.flags"],
      }),
    drillAt: z
      .string()
      .optional()
      .meta({
        description:
          "Where in the answer's JSON the token of the last drill stands. Default: drill, beside the flags; _cutover.drill where the flags are the whole answer.",
        examples: ["data.drill"],
      }),
  })
  .refine((value) => value.urls.length + value.ecs.length > 0, "at least one of urls, ecs")
  .meta({ description: "The servers that have to agree on the flags." });

export type ServersConfig = z.infer<typeof servers>;
