import { z } from "zod";
import { safeMilliseconds, someTime } from "../../text/duration";

/** No function runs longer. Source: AWS Lambda developer guide, "Lambda quotas", function timeout. */
const MOST_MS = 15 * 60_000;

/** A network that a function joins, by ids as AWS has them. Source: Lambda API reference, VpcConfig. */
const vpc = z
  .strictObject({
    subnetIds: z
      .array(z.string().regex(/^subnet-[0-9a-z]+$/, "the id of a subnet, such as subnet-0a1b2c3d4e5f60718"))
      .min(1)
      .max(16)
      .meta({
        description:
          "Private subnets from which the database, the service and the servers are reached. With a database they need a way to Secrets Manager; with `servers.ecs` to ECS (NAT, or VPC endpoints).",
        examples: [["subnet-0a1b2c3d4e5f60718", "subnet-0f9e8d7c6b5a40312"]],
      }),
    securityGroupIds: z
      .array(
        z.string().regex(/^sg-[0-9a-zA-Z]+$/, "the id of a security group, such as sg-0a1b2c3d4e5f60718"),
      )
      .min(1)
      .max(5)
      .meta({
        description: "Security groups of the function: whatever the gates look at must admit them.",
        examples: [["sg-0a1b2c3d4e5f60718"]],
      }),
  })
  .meta({ description: "The network that the function runs in." });

/** `cutover:rollout.measure`: a function in the VPC that looks at what a runner outside of it does not reach. */
export const measure = z
  .strictObject({
    vpc,
    timeout: someTime
      .refine((text) => safeMilliseconds(text) <= MOST_MS, "at most 15m, as long as a function runs")
      .refine((text) => safeMilliseconds(text) === 0 || safeMilliseconds(text) >= 10_000, "at least 10s")
      .default("5m")
      .meta({
        description:
          "How long the function may take for all the gates of one promotion together. What has no answer by then is inconclusive.",
        examples: ["5m"],
      }),
  })
  .meta({
    description:
      "A measuring function: a Lambda of the first stage's stack, in the VPC. With it, gates and smoke checks that read the database, or ask the service or the servers, are looked at from there, and `pulumi up` of a stage needs no way in. Left out, they are looked at from where pulumi runs.",
  });

export type MeasureConfig = z.output<typeof measure>;
