import { z } from "zod";
import { unlessNamed } from "../../aws/failure";
import type { AwsReach, DeliveryKind } from "../kind";
import { carriesFields } from "../schema";

export const ssm = z
  .strictObject({
    kind: z.literal("ssm"),
    path: z
      .string()
      .regex(/^(?!\/(aws|ssm)\b)(\/[\w.-]+){1,13}$/i, "a path such as /search/flags, not below /aws or /ssm")
      .meta({ description: "Below which its parameters lie.", examples: ["/search/flags"] }),
    ecs: z
      .array(z.strictObject({ cluster: z.string().min(1), service: z.string().min(1) }))
      .default([])
      .meta({ description: "ECS services whose tasks read them when they start: they are started anew." }),
    ...carriesFields,
  })
  .meta({
    description:
      "Parameters in SSM, a plain one for each flag, and tasks of ECS started anew by them (`secrets` of a task definition).",
  });
export type SsmConfig = z.infer<typeof ssm>;

export const ssmKind: DeliveryKind<SsmConfig> = {
  title: "SSM parameters",
  // As a rolling deployment of a few tasks with health checks.
  within: "5m",
  place: ({ path }) => `parameters below ${path}`,
  open({ path, ecs }, _secret, { aws, now }) {
    const at = (name: string) => `${path}/${name}`;
    return {
      async read(names) {
        const held = await aws.parameters(names.map(at));
        return Object.fromEntries(names.map((name) => [name, held.get(at(name))]));
      },
      write: (name, value) => aws.putParameter(at(name), value),
      async restart() {
        const since = now();
        await aws.restart(ecs);
        return String(since);
      },
      async progress(start) {
        const open = await aws.restarting(ecs, Number(start));
        const failures = failuresOf(open);
        if (failures.length > 0) return { kind: "failed", why: failures.join("; ") };
        return { kind: open.length > 0 ? "running" : "done" };
      },
    };
  },
  async lacks({ ecs }, _secret, { aws }) {
    const each = await Promise.all(
      ecs.map(async (one): Promise<string[]> => {
        const open = await unlessNamed(/^ClusterNotFoundException$/, undefined, aws.restarting([one], 0));
        if (!open) return [`there is no cluster ${one.cluster}`];
        return failuresOf(open);
      }),
    );
    return each.flat().join("; ") || undefined;
  },
};

/** Why services did not start anew, of those that did not. */
const failuresOf = (open: Awaited<ReturnType<AwsReach["restarting"]>>) =>
  open.flatMap(({ service, failed }) => (failed === undefined ? [] : [`${service}: ${failed}`]));
