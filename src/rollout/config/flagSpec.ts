import { z } from "zod";
import { inThousandths, STATE_NAME } from "../../flags/flags";

/** A flag's name, as servers read it. */
export const flagName = z
  .string()
  .regex(
    /^[A-Za-z][A-Za-z0-9_.-]{0,63}$/,
    "a flag's name: a letter, then up to 63 letters, digits, or _ . -",
  );

const percent = z
  .number()
  .min(0)
  .max(100)
  .refine((value) => inThousandths(value) === value, "a number with three decimals at most");

/**
 * A state's name.
 *
 * @param otherwise what is meant where it is none
 */
const stateName = (otherwise: string) =>
  z
    .string()
    .regex(STATE_NAME, otherwise)
    .refine(
      (name) => !(name in Object.prototype),
      "another name, since every object of JavaScript has this one",
    )
    .meta({
      description:
        'Write a word such as "shadow", in quotes where a tool takes it for something else, as some do with "off".',
    });

const NAME = "a letter, then up to 31 letters, digits, or _ . -, and not true, false or null";
const state = stateName(`a state's name: ${NAME}`);

/** What a flag can be: on or off, a percentage, or the name of a state. Which of them, `checks/flags.ts` knows. */
export const flagValue = z.union([
  z.boolean(),
  percent,
  stateName(`true or false, a number from 0 to 100 without quotes and %, or a state's name (${NAME})`),
]);

const requiredShare = z.strictObject({
  flag: flagName,
  atLeast: z.union([percent.refine((points) => points > 0, "more than 0"), state]).meta({
    description:
      "How many points away from its off value the percentage must be, at least; or the state that it must have reached.",
  }),
});

/** What the rollout says of one flag. */
export const flagSpec = z
  .strictObject({
    kind: z
      .enum(["boolean", "percentage", "states"])
      .meta({ description: "A boolean, a percentage from 0 to 100 with three decimals at most, or states." }),
    states: z
      .array(state)
      .min(2)
      .optional()
      .meta({
        description:
          "Of the kind states: their names, in the order in which they are gone through. Where off lies between two of them, each side leads away from it, and a stage that has it off lies on the way from one to the other.",
        examples: [["off", "shadow", "enforce"]],
      }),
    title: z.string().max(120).optional().meta({ description: "What the flag does when it is on." }),
    off: flagValue.optional().meta({
      description: "The value that is always safe to go back to. Default: false, 0, or the first state.",
    }),
    requires: z
      .array(z.union([flagName, requiredShare]))
      .default([])
      .meta({
        description:
          "Flags that must be on whenever this one is on; a percentage may have to be at least so high, and states to have reached one. AppConfig itself refuses any other document.",
        examples: [
          ["READ"],
          [{ flag: "ROLLOUT_PERCENT", atLeast: 100 }],
          [{ flag: "RATE_LIMIT", atLeast: "shadow" }],
        ],
      }),
    writes: z.boolean().default(false).meta({
      description:
        "True when the flag lets the new path write users' data: a stage that raises it must declare a snapshot, or have a gate on a backup.",
    }),
  })
  .superRefine(({ kind, states }, context) => {
    if ((kind === "states") === (states !== undefined)) return;
    const params =
      kind === "states"
        ? {
            what: "is missing: the flag is of the kind states",
            remedy: "Write states: [off, shadow, enforce], in their order",
          }
        : { what: `means nothing: the flag is a ${kind}`, remedy: "Write kind: states, or take states out" };
    context.addIssue({ code: "custom", path: ["states"], params });
  })
  .transform(({ off, ...spec }) => ({
    ...spec,
    off: off ?? spec.states?.[0] ?? (spec.kind === "boolean" ? false : 0),
  }));
