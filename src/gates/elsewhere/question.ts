import { z } from "zod";
import { type Failure, failed } from "../../aws/failure";
import { isBelow, pathBelow } from "../../text/address";
import { tellWhere } from "../../text/problem";
import { surfaceOf } from "../../text/surface";
import { plainLine } from "../../text/text";
import { secretFree } from "../../text/writtenOut";
import type { Answer } from "../answer";
import { ask } from "../askJson";
import { text } from "../common";
import { expression } from "../jmespath";
import type { FieldError } from "../kind";
import { IN_HEADERS, type NamedSource } from "./source";

/** What is asked of a named source: its own way to say it, or a query of Prometheus. */
export const questionShape = {
  from: text.min(1).meta({
    description: "The source that is asked: a name under `sources` of cutover:rollout.",
    examples: ["prometheus"],
  }),
  path: pathBelow
    .max(2_000)
    .refine(...secretFree(IN_HEADERS))
    .optional()
    .meta({
      description: "What is asked, by GET: a path below the source's url.",
      examples: ["/api/v1/monitor/1234"],
    }),
  value: expression.optional().meta({
    description: "JMESPath: the value in the answer's JSON.",
    examples: ["overall_state", "overall_state != 'OK'"],
  }),
  promql: text
    .min(1)
    .max(4_000)
    .regex(/\S/, "a query of Prometheus")
    .optional()
    .meta({
      description:
        "PromQL, in place of `path` and `value`: the source speaks Prometheus's HTTP API. It must yield one sample, or a scalar: a window, a sum and a default for what is not there are said by the query itself.",
      examples: ["sum(rate(http_errors_total[24h])) / sum(rate(http_requests_total[24h]))"],
    }),
};

const question = z.object(questionShape);
export type Question = z.infer<typeof question>;

/** A question says what it asks in one way, and all of that one. */
export const oneQuestion = {
  test: ({ path, value, promql }: Question) =>
    promql === undefined
      ? path !== undefined && value !== undefined
      : path === undefined && value === undefined,
  message: "either `promql`, for Prometheus, or `path` and `value` together",
};

const TEXTS = /"(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*'|`[^`]*`|#.*/g;
/** Lists of labels: `by (job)`. */
const LABELS = /(?<![\w:.])(by|without|on|ignoring|group_left|group_right)\s*\([^()]*\)/gi;
/** Words of PromQL that name no metric. Source: Prometheus, Operators and Aggregation. */
const WORDS = new Set("and or unless group_left group_right bool offset start end inf nan".split(" "));

/** Whether a query of Prometheus names no metric: whatever that knows, it yields the same. */
function namesNoMetric(promql: string): boolean {
  const bare = promql.replaceAll(TEXTS, "").replaceAll(LABELS, " ");
  if (bare.includes("{")) return false;
  // A function or an aggregation stands before its brackets, also with by (…) in between.
  const names = bare.matchAll(/(?<![\w:.])[a-zA-Z_:][\w:]*(?!\w)(?!\s*\()/g);
  return ![...names].some(([name]) => !WORDS.has(name.toLowerCase()));
}

/** Whether a query of Prometheus yields 1 or 0 alone: `bool` binds looser than all but and, or and unless. */
export function isYesOrNoQuery(promql: string): boolean {
  const surface = surfaceOf(promql.replaceAll(TEXTS, ""));
  return /(?<![\w:])bool(?![\w:])/i.test(surface) && !/(?<![\w:])(and|or|unless)(?![\w:])/i.test(surface);
}

/** A name that no source of the rollout has, a path that leads out of the source, or a query that asks it nothing. */
export function sourceErrors(
  { from, path, promql }: Pick<Question, "from" | "path" | "promql">,
  { sources = {} }: { readonly sources?: Readonly<Record<string, NamedSource>> | undefined },
): FieldError[] {
  const source = Object.hasOwn(sources, from) ? sources[from] : undefined;
  if (source)
    return [
      ...tellWhere(path !== undefined && !isBelow(source.url, path), {
        path: ["path"],
        what: `leads out of ${source.url}, the url of ${from}`,
        remedy: "Write a path below it; what lies beside it is a source of its own",
      }),
      ...tellWhere(promql !== undefined && namesNoMetric(promql), {
        path: ["promql"],
        what: "names no metric: it yields the same whatever the source knows",
        remedy: "Ask for a metric, such as sum(up)",
      }),
    ];
  const known = Object.keys(sources).join(", ");
  return [
    {
      path: ["from"],
      what: `is ${from}, which no source is called`,
      remedy: known ? `Sources of the rollout: ${known}` : "Declare it under sources of cutover:rollout",
    },
  ];
}

/** The path that a question is asked by, below the source's url. */
export const pathOf = ({ path, promql }: Question): string =>
  promql === undefined ? (path ?? "/") : `/api/v1/query?query=${encodeURIComponent(promql)}`;

/** What a question asks, in a few words. */
export const showQuestion = ({ from, path, value, promql }: Question): string =>
  promql === undefined ? `${value} of ${path} at ${from}` : `${promql} at ${from}`;

const lines = z.array(z.string()).optional();

/** What was found in an answer: a value, with what the source itself says beside it. */
export const told = z.strictObject({
  kind: z.literal("elsewhere"),
  value: z.unknown(),
  /** Why it may be wrong, or be of a part alone. */
  warnings: lines,
  /** What else there is to know of it. */
  infos: lines,
});
export type Told = z.infer<typeof told>;

/** Of either so many are kept to so many, of so many characters. */
const MOST_WARNINGS = 5;
const LONGEST_WARNING = 200;

/**
 * Reads an answer. Total: an answer with anything but the one value is a failure that says why, and quotes nothing of the
 * answer but what Prometheus says of an error.
 */
export function readAnswer(
  question: Question,
  { status, json }: Pick<Answer, "status" | "json">,
): Told | Failure {
  if (status === 401 || status === 403) return failed("refused", `${question.from} answers ${status}`);
  if (status === 429) return failed("throttled", `${question.from} answers 429: it is asked too often`);
  if (question.promql !== undefined) return readPrometheus(question.from, status, json);
  if (status < 200 || status > 299) return failed("bad-answer", `${question.from} answers ${status}`);
  const { value = "" } = question;
  const found = ask(value, json);
  return found.lacks !== undefined
    ? failed("bad-answer", `the answer of ${question.from} has no value: ${found.lacks}`)
    : { kind: "elsewhere", value: found.value };
}

const sample = z.tuple([z.number(), z.string()]);
/** Source: Prometheus, HTTP API, "Expression query result formats". A histogram has no `value`. */
const answer = z.object({
  status: z.literal("success"),
  data: z.union([
    z.object({ resultType: z.literal("scalar"), result: sample }),
    z.object({ resultType: z.literal("vector"), result: z.array(z.object({ value: sample })) }),
  ]),
  warnings: lines,
  infos: lines,
  /** Source: VictoriaMetrics, cluster version, "Cluster availability": true where a part of its storage did not answer. */
  isPartial: z.unknown().optional(),
});
const refusal = z.object({ status: z.literal("error"), error: z.string() });

function readPrometheus(from: string, status: number, json: unknown): Told | Failure {
  const line = (text: string) => plainLine(text).slice(0, LONGEST_WARNING);
  const bad = (what: string) => failed("bad-answer", what);
  const refused = refusal.safeParse(json).data;
  if (refused) return bad(`${from} answers ${status}: ${line(refused.error)}`);
  const parsed = answer.safeParse(json).data;
  if (status !== 200 || !parsed) return bad(`${from} answers ${status}, and no vector or scalar of numbers`);
  const { data, warnings = [], infos = [], isPartial = false } = parsed;
  const samples = data.resultType === "scalar" ? [data.result] : data.result.map(({ value }) => value);
  const [first] = samples;
  if (!first) return failed("no-data", "the query yields no sample");
  if (samples.length > 1)
    return bad(`the query yields ${samples.length} samples: sum, or ask for one of them`);
  const value = first[1].trim() === "" ? Number.NaN : Number(first[1]);
  if (!Number.isFinite(value)) return bad(`the query yields ${line(first[1])}, which is no number to go by`);
  const partial = isPartial === false ? [] : ["isPartial: a part of what it stores did not answer"];
  const [warned, told] = [[...partial, ...warnings], infos].map((list) =>
    list.slice(0, MOST_WARNINGS).map(line),
  );
  return {
    kind: "elsewhere",
    value,
    ...(warned?.length ? { warnings: warned } : {}),
    ...(told?.length ? { infos: told } : {}),
  };
}
