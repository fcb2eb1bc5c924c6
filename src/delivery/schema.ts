import { z } from "zod";
import { someTime } from "../text/duration";

const NAME = /^[A-Za-z_][A-Za-z0-9_]{0,127}$/;

/** What every delivery says of what it carries on, and of how long that may take. */
export const carriesFields = {
  flags: z
    .array(z.string().min(1))
    .min(1)
    .refine((list) => new Set(list).size === list.length, "each flag once")
    .optional()
    .meta({ description: "The flags that it carries on. Default: all." }),
  names: z
    .record(
      z.string().min(1),
      z.string().regex(NAME, "a variable's name: letters, digits and _, no digit first"),
    )
    .optional()
    .meta({
      description: "Variables by flag. Default: the flag in capitals, with _ for any other sign.",
      examples: [{ "search.v2": "SEARCH_V2" }],
    }),
  within: someTime.optional().meta({
    description:
      "How long servers may take to run with new flags, a restart and its build included. Rollbacks that promise less are refused. Default: by kind.",
    examples: ["10m"],
  }),
};
