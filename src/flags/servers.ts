import { z } from "zod";
import { pathBelow, serverName } from "../text/address";
import { dotted } from "../text/dotted";
import { baseUrl } from "../text/webUrl";
import { secretFree } from "../text/writtenOut";

const SIGN_IN = "servers are asked without a sign-in";

/** Said of a secret that servers would be asked with. */
export const UNSIGNED = { message: "an address without a secret", remedy: `take it out: ${SIGN_IN}` };

/** A service in a cluster, be they given by name or ARN, at a port. */
const serviceName = ({ cluster, service, port }: Record<"cluster" | "service", string> & { port: number }) =>
  `${cluster.replace(/^.*\//, "")}/${service.replace(/^.*\//, "")}:${port}`;

/** `cutover:rollout.servers`. */
export const servers = z
  .strictObject({
    urls: z
      .array(baseUrl(SIGN_IN).refine(...secretFree(UNSIGNED)))
      .refine(
        (urls) =>
          new Set(urls.map((url) => (URL.canParse(url) ? serverName(url) : url))).size === urls.length,
        "each server once: one that is asked twice counts for two",
      )
      .default([])
      .meta({ description: "Base URL of each server." }),
    ecs: z
      .array(
        z.strictObject({
          cluster: z.string().min(1),
          service: z.string().min(1),
          port: z.int().min(1).max(65535).default(80),
          scheme: z.enum(["http", "https"]).default("http"),
          reachedBy: z.enum(["address", "urls"]).optional().meta({
            description:
              "Where its tasks are asked for their flags: each at its private `address` (default), or at the rollout's `urls`, which then have to name every one of them.",
          }),
          restart: z.boolean().default(false).meta({
            description:
              "True for servers that read flags from their environment: they are restarted at a flip, where its smoke checks fail, at a `lower:` and at an abort.",
          }),
        }),
      )
      .refine(
        (services) => new Set(services.map(serviceName)).size === services.length,
        "each service once: one that is asked twice counts for two",
      )
      .default([])
      .meta({ description: "ECS services: every running task is asked for its flags." }),
    path: pathBelow.refine(...secretFree(UNSIGNED)).meta({
      description: "Where a server tells its flags.",
      examples: ["/api/v2.5/feature-flags"],
    }),
    at: dotted.default("").meta({
      description:
        "Where in the answer's JSON the flags stand: keys joined by dots, such as data.flags. Default: the answer is the flags.",
      examples: ["data.flags"],
    }),
    source: z
      .string()
      .optional()
      .meta({
        description:
          "Where in the same answer, in JMESPath, a server says what its flags come from: any text with `appconfig` in it as long as it asks AWS AppConfig; another word once they stand in its code. `cutover retire` asks for it. Without it a server counts only once it answers 410 at the path.",
        examples: ["data.source"],
      }),
    drillAt: dotted.optional().meta({
      description:
        "Where in the answer's JSON the token of the last drill stands: keys joined by dots. Default: drill, beside the flags; _cutover.drill where the flags are the whole answer.",
      examples: ["data.drill"],
    }),
  })
  .refine((value) => value.urls.length + value.ecs.length > 0, "at least one of urls, ecs")
  .refine(({ urls, ecs }) => urls.length > 0 || ecs.every(({ reachedBy }) => reachedBy !== "urls"), {
    path: ["urls"],
    error: "the address of every task of each service whose reachedBy is urls",
  })
  .meta({ description: "The servers that have to agree on the flags." });

export type ServersConfig = z.infer<typeof servers>;

type Listed = Pick<ServersConfig, "urls" | "ecs">;

/** The services whose tasks are asked each by its own address; those of the others stand in `urls`. */
export const askedByAddress = ({ ecs }: Pick<Listed, "ecs">): ServersConfig["ecs"] =>
  ecs.filter(({ reachedBy }) => reachedBy !== "urls");

/** The servers that take new flags while they run. Behind `urls` nobody can tell them from those that are restarted. */
export function pollingOf({ urls, ecs }: Listed): Listed {
  const restarted = ecs.filter(({ restart }) => restart);
  const mixed = restarted.some(({ reachedBy }) => reachedBy === "urls");
  return { urls: mixed ? [] : urls, ecs: ecs.filter((one) => !restarted.includes(one)) };
}
