import { z } from "zod";
import { milliseconds, showDuration } from "../../text/duration";
import { text, within } from "../common";
import { expectation, judgeValue, showExpectation } from "../expectation";
import { expression, filledExpression } from "../jmespath";
import type { Fill } from "../kind";
import { placeholders } from "../placeholders";
import { filledRequest, request } from "../request";
import { atMost, demanded, expected, type Order } from "../strength";
import { type Found, fail, inconclusive, type JudgeContext, pass } from "../verdict";
import { headerError, headerExpectation, showHeader } from "./requests.headers";

/** More steps than this are no smoke check any more. */
export const MOST_STEPS = 20;

export const takenName = text.regex(
  /^[a-z][a-zA-Z0-9]{0,39}$/,
  "a name for a value: a small letter, then letters and digits, such as patch",
);

/** One request, what must be true of its answer, and what later requests take from it. */
export const step = request
  .extend({
    status: z
      .union([z.int().min(100).max(599), z.array(z.int().min(100).max(599)).min(1), z.literal("any")])
      .optional()
      .meta({
        description:
          "The status that the answer must have, or a list of them. `any` is whatever an endpoint says of itself, but for a redirect or a server error. Default: 200 to 299. A redirect is never followed.",
        examples: [409],
      }),
    orStatus: z
      .array(z.int().min(100).max(599))
      .min(1)
      .optional()
      .meta({
        description:
          "The step holds, too, where the answer has one of these statuses, whatever its value and headers: a conflict may be as good as the answer itself. Not together with `take`.",
        examples: [[409]],
      }),
    value: expression.optional().meta({
      description:
        "JMESPath: the value in the answer's JSON. Needs `expect`. A parameter, or a value taken before, is a literal: `` `{name}` ``. For every item of a list: that there are as many in all as there are of whom it holds, expected to be true.",
      examples: ["length(data) == length(data[?author_id == `{analyst}`])"],
    }),
    expect: expectation.optional(),
    headers: z
      .record(text.regex(/^[A-Za-z0-9-]{1,80}$/, "the name of a header"), headerExpectation)
      .optional()
      .meta({
        description: "What headers of the answer must be, by their names.",
        examples: [{ Sunset: { date: "http", ahead: "7d" } }],
      }),
    within,
    take: z
      .record(takenName, expression)
      .optional()
      .meta({
        description:
          "Values that later steps take from this answer, as `{name}`: each by its JMESPath. A number stays a number. One that expressions alone name may be a list. An answer without one fails the gate.",
        examples: [{ patch: "data.id", version: "data.version" }],
      }),
  })
  .refine((one) => (one.value === undefined) === (one.expect === undefined), {
    message: "`value` and `expect` together, or neither of them",
  })
  .refine((one) => one.orStatus === undefined || one.take === undefined, {
    path: ["orStatus"],
    message: "without `take`: nothing could be taken from such an answer",
  })
  .superRefine(({ status, orStatus = [] }, context) => {
    for (const one of orStatus.filter((other) => isAsked(status, other)))
      context.addIssue({
        code: "custom",
        path: ["orStatus"],
        message: `none that \`status\` asks for: ${one} holds already: its value would never count`,
      });
  });

export type Step = z.infer<typeof step>;

export const answer = z.strictObject({
  status: z.number().int(),
  /** Until the answer was complete. */
  ms: z.number().nonnegative(),
  value: z.unknown().optional(),
  /** Why there is no value, or none to take. */
  lacks: z.string().optional(),
  /** Those that the step asks for. */
  headers: z.record(z.string(), z.string()).optional(),
});

export type StepAnswer = z.infer<typeof answer>;

/** Judges one answer. What came is judged: only a step without an answer is open. */
export function judgeStep(
  one: Step,
  seen: StepAnswer | undefined,
  context: Pick<JudgeContext, "now" | "timeScale">,
): Found {
  if (!seen) return inconclusive("not sent", "Find out why the step before it has no answer");
  const took = `${seen.status} in ${showDuration(seen.ms)}`;
  const instead = one.orStatus?.includes(seen.status) === true;
  if (!instead && !isAsked(one.status, seen.status))
    return fail(took, "Look at the service's log for this request");
  if (one.within !== undefined && !(seen.ms < milliseconds(one.within)))
    return fail(took, "Find out why the answer is slow");
  if (instead) return pass(took);
  const headers = new Map(Object.entries(seen.headers ?? {}));
  for (const [name, expected] of Object.entries(one.headers ?? {})) {
    const error = headerError(name, expected, headers.get(name.toLowerCase()), context);
    if (error !== undefined) return fail(`${took}: ${error}`, "Mend the header, or what announces it");
  }
  if (seen.lacks !== undefined)
    return fail(`${took}: ${seen.lacks}`, "Look at the answer: the service answers something else");
  if (!one.expect) return pass(took);
  const found = judgeValue(one.expect, seen.value);
  // The answer is there: what cannot be read as the value is no value, and asking again makes it none.
  return found.outcome === "pass"
    ? pass(`${found.observed} (${took})`)
    : fail(`${found.observed} (${took})`, "Mend what the answer shows, then run pulumi up again");
}

/** The statuses that a step asks for by number; empty where it asks for any of a kind. */
export const statusesOf = ({ status = [] }: Pick<Step, "status">): number[] =>
  [status].flat().filter((one) => typeof one === "number");

function isAsked(asked: Step["status"], status: number): boolean {
  if (asked === undefined) return status >= 200 && status < 300;
  if (asked === "any") return (status >= 200 && status < 300) || (status >= 400 && status < 500);
  return typeof asked === "number" ? status === asked : asked.includes(status);
}

/** What an answer must be, in words. */
export function demands({ status, orStatus, value, expect, headers, within, take }: Step): string {
  const demanded = [
    status === undefined
      ? "status 2xx"
      : status === "any"
        ? "an answer"
        : `status ${[status].flat().join(" or ")}`,
    ...(value !== undefined && expect ? [`${value} ${showExpectation(expect)}`] : []),
    ...Object.entries(headers ?? {}).map(([name, one]) => `${name} ${showHeader(one)}`),
    ...(take ? [`with ${Object.values(take).join(" and ")}`] : []),
  ].join(", ");
  const either = orStatus ? `${demanded}; or status ${orStatus.join(" or ")}` : demanded;
  return within === undefined ? either : `${either}, in < ${within}`;
}

/**
 * A step with values in the place of their names.
 *
 * @param inPath the same for its path, where a value may need another form
 * @param literal the same for its expressions, which may hold a list
 */
export function filledStep(
  one: Step,
  fill: Fill,
  inPath: Fill = fill,
  literal: (placeholder: string) => unknown = fill,
): Step {
  const { value, take, headers } = one;
  return {
    ...filledRequest(one, fill, inPath),
    ...(value === undefined ? {} : { value: filledExpression(value, literal) }),
    ...(take ? { take: mapped(take, (path) => filledExpression(path, literal)) } : {}),
    ...(headers
      ? {
          headers: mapped(headers, (header) => ({
            ...header,
            ...(header.is === undefined ? {} : { is: String(fill(header.is)) }),
            ...(header.at === undefined ? {} : { at: String(fill(header.at)) }),
          })),
        }
      : {}),
  };
}

/** The same names, with something made of what stands under each. */
export const mapped = <T>(of: Readonly<Record<string, T>>, change: (one: T) => T): Record<string, T> =>
  Object.fromEntries(Object.entries(of).map(([name, one]) => [name, change(one)]));

/** The names that a step has in its path, its body and its headers, where one value alone has room. */
export function plainNames(one: Step): string[] {
  const { value: _, take: __, authorization: ___, ...plain } = one;
  return placeholders(JSON.stringify(plain));
}

/** The name of a number that is another one each time that the gate is looked at: seconds since 1970. */
export const RUN = "run";

/** Whether a step needs a value that no earlier look had. */
export function namesRun(steps: readonly object[]): boolean {
  return placeholders(JSON.stringify(steps)).includes(RUN);
}

/** What a step demands, without what it sends. */
export function withoutRequest({ as: _, body: __, url: ___, authorization: ____, ...one }: Step): Step {
  return one;
}

/** How a change of each part of a step bears on its strength. */
export const STEP: Readonly<Record<string, Order>> = {
  orStatus: holdsToo,
  expect: expected,
  headers: demanded("no longer looks at headers", "what headers must be"),
  within: atMost("must answer in"),
};

/** Of what holds beside what is asked for, less is stronger. */
function holdsToo(was: unknown, now: unknown): ReturnType<Order> {
  const [before, after] = [was, now].map((one) => (Array.isArray(one) ? one : [])) as [unknown[], unknown[]];
  const more = after.filter((one) => !before.includes(one));
  const less = before.filter((one) => !after.includes(one));
  if (more.length > 0) {
    const strength = less.length > 0 ? "incomparable" : "weaker";
    return { strength, words: `accepts status ${more.join(" or ")}, too` };
  }
  if (less.length === 0) return undefined;
  return { strength: "stronger", words: `no longer accepts status ${less.join(" or ")}` };
}
