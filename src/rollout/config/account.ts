import { z } from "zod";

/** A KMS key. An alias may lead to another one tomorrow. */
export const keyArn = z
  .string()
  .regex(/^arn:[\w-]+:kms:[a-z0-9-]+:\d{12}:key\/[\w-]+$/, "the ARN of a KMS key (not of an alias)")
  .meta({ examples: ["arn:aws:kms:eu-central-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab"] });

/** `cutover:rollout.account`: what the account asks of everything that is made in it. */
export const account = z
  .strictObject({
    permissionsBoundary: z
      .string()
      .regex(/^arn:[\w-]+:iam::(\d{12}|aws):policy\/\S+$/, "the ARN of a managed policy")
      .optional()
      .meta({
        description: "The permissions boundary of every role that is made.",
        examples: ["arn:aws:iam::123456789012:policy/boundary"],
      }),
    kmsKeys: z
      .strictObject({
        topics: keyArn.optional().meta({
          description:
            "The customer-managed key that topics are encrypted with. Its policy must admit CloudWatch, or no alarm reaches them.",
        }),
        secrets: keyArn.optional().meta({ description: "The key that secrets are encrypted with." }),
        logs: keyArn.optional().meta({
          description: "The key that logs are encrypted with. Its policy must admit CloudWatch Logs.",
        }),
      })
      .default({})
      .meta({
        description:
          "Customer-managed KMS keys, by what they encrypt. Each key's policy is read before anything is raised. Default: AWS's own keys.",
      }),
    tags: z
      .record(z.string().regex(/^(?!aws:)[\p{L}\p{N} _.:/=+@-]{1,128}$/u, "a tag's key"), z.string().max(256))
      .default({})
      .meta({
        description: "Tags of everything that is made, beside those of aws:defaultTags.",
        examples: [{ team: "ops" }],
      }),
  })
  .meta({ description: "What the account asks of everything that is made in it." });

export type Account = z.infer<typeof account>;
