import { z } from "zod";
import { dumpAddress } from "../../gates/dumps/address";

/** `cutover:rollout.backup`: where dumps of the database are kept, by `cutover backup`. */
export const backup = z
  .strictObject({
    dumps: dumpAddress.meta({
      description:
        "Where the rollout's dumps lie, each with its manifest, and the record of the last restore: a bucket, or a folder of the machine on which gates are measured.",
      examples: ["s3://ops-backups/postgres"],
    }),
    instanceClass: z
      .string()
      .regex(/^db\.[a-z0-9-]+\.[a-z0-9]+$/, "a class of RDS such as db.t4g.medium")
      .optional()
      .meta({
        description:
          "How large the temporary instance is to which a snapshot of RDS is restored, to prove it. Left out: as the database itself.",
        examples: ["db.t4g.medium"],
      }),
    queries: z
      .record(
        z
          .string()
          .regex(/^[A-Za-z][A-Za-z0-9-]{0,31}$/, "a name: a letter, then up to 31 letters, digits or dashes"),
        z.string().min(1),
      )
      .default({})
      .meta({
        description:
          "Questions of one value that a restored copy must answer as the database did when it was dumped, by name. Rows and contents of every table are compared anyway.",
        examples: [{ revenue: "select sum(amount) from invoices" }],
      }),
  })
  .meta({ description: "Backups that are taken for a promotion, and proven to restore." });

export type BackupConfig = z.output<typeof backup>;
