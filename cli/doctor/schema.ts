import { z } from "zod";
import { GROUPS, STATES } from "./finding";

/** What `cutover doctor --json` prints. */
export const doctorView = z.strictObject({
  /** Absent where the stack files cannot be read. */
  rollout: z.string().optional(),
  region: z.string().optional(),
  at: z.iso.datetime(),
  healthy: z.boolean().meta({
    description: "Nothing has to be mended, and all could be looked at. The exit code says the same.",
  }),
  lines: z.array(
    z.strictObject({
      group: z.enum(GROUPS),
      /** What was looked at: a check, a row with its stage, a host. */
      name: z.string(),
      state: z.enum(STATES).meta({
        description:
          "`later` is not there yet, and need not be; `hand` is what no program sees; `unknown` could not be looked at.",
      }),
      what: z.string(),
      where: z.string().optional(),
      remedy: z.string().optional(),
    }),
  ),
});

export type DoctorView = z.infer<typeof doctorView>;
