import { z } from "zod";

/** A flag's name, as servers read it. */
export const flagName = z
  .string()
  .regex(
    /^[A-Za-z][A-Za-z0-9_.-]{0,63}$/,
    "a flag's name: a letter, then up to 63 letters, digits, or _ . -",
  );

/** What a flag can be: on or off, or a whole percentage. */
export const flagValue = z.union([z.boolean(), z.int().min(0).max(100)]);

const requiredShare = z.strictObject({
  flag: flagName,
  atLeast: z
    .int()
    .min(1)
    .max(100)
    .meta({ description: "How many points away from its off value the percentage must be, at least." }),
});

/** What the rollout says of one flag. */
export const flagSpec = z
  .strictObject({
    kind: z
      .enum(["boolean", "percentage"])
      .meta({ description: "A boolean, or a whole percentage from 0 to 100." }),
    title: z.string().max(120).optional().meta({ description: "What the flag does when it is on." }),
    off: flagValue
      .optional()
      .meta({ description: "The value that is always safe to go back to. Default: false, or 0." }),
    requires: z
      .array(z.union([flagName, requiredShare]))
      .default([])
      .meta({
        description:
          "Flags that must be on whenever this one is on; a percentage may have to be at least so high. AppConfig itself refuses any other document.",
        examples: [["READ"], [{ flag: "ROLLOUT_PERCENT", atLeast: 100 }]],
      }),
    writes: z.boolean().default(false).meta({
      description:
        "True when the flag lets the new path write users' data: a stage that raises it must declare a snapshot, or have a gate on a backup.",
    }),
  })
  .transform(({ off, ...spec }) => ({ ...spec, off: off ?? (spec.kind === "boolean" ? false : 0) }));
