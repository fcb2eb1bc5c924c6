import { astOf } from "../../../src/gates/ast";
import { pathOf, type Question } from "../../../src/gates/elsewhere/question";
import type { NamedSource } from "../../../src/gates/elsewhere/source";
import { compare, type Expectation } from "../../../src/gates/expectation";
import type { GateDefinition } from "../../../src/gates/gate";
import { type RequestsGate, requests } from "../../../src/gates/kinds/requests";
import type { AbortThreshold } from "../../../src/rollout/config/abortRow";
import type { Rollout } from "../../../src/rollout/rollout";
import { sourcePath } from "./sourcePath";

/** The source that a path is asked of, if it is one's. */
export function sourceAt(sources: Rollout["sources"] = {}, pathname: string): NamedSource | undefined {
  return Object.entries(sources).find(([name]) => pathname.startsWith(`${sourcePath(name)}/`))?.[1];
}

/** An answer as Prometheus gives it, as far as a question reads it: one sample, whose value is a number in text. */
const SAMPLE =
  "status == 'success' && data.resultType == 'vector' && length(data.result) == `1` && length(data.result[0].value) == `2` && type(data.result[0].value[0]) == 'number' && type(data.result[0].value[1]) == 'string' && to_number(data.result[0].value[1])";

/** A gate that asks a named source, as requests to the app that stands in for it; undefined for any other. */
export function gateElsewhere(gate: GateDefinition): RequestsGate | undefined {
  return "from" in gate ? asRequests(gate, gate.expect, gate.timeout) : undefined;
}

/** The same of an abort row: all is well where it does not fire. */
export function rowElsewhere({ elsewhere, threshold = {} }: Pick<AbortThreshold, "elsewhere" | "threshold">) {
  return elsewhere && asRequests(elsewhere, contentOf(elsewhere, threshold), elsewhere.timeout);
}

function asRequests(question: Question, expect: Expectation, timeout: string): RequestsGate {
  return requests.schema.parse({
    source: "requests",
    title: "a named source answers",
    steps: [
      {
        path: `${sourcePath(question.from)}${pathOf(question)}`,
        value: question.promql === undefined ? question.value : SAMPLE,
        expect,
      },
    ],
    timeout,
  });
}

/** What the question itself must find: of one that is answered by yes or no, a row goes by 1 and 0. */
function contentOf(
  { value = "" }: Question,
  threshold: NonNullable<AbortThreshold["threshold"]>,
): Expectation {
  const content = contentWith(threshold);
  const { type, name = "" } = astOf(value) ?? { type: "" };
  if (!YES_OR_NO.has(type) && !YES_OR_NO.has(name)) return content;
  return { eq: compare(content, 0).kind !== "met" };
}

const YES_OR_NO = new Set([
  ...["Comparator", "NotExpression", "AndExpression", "OrExpression"],
  ...["contains", "starts_with", "ends_with"],
]);

/** What a value must be for an alarm not to fire. */
function contentWith({ gt, gte, lt, lte, quantity }: NonNullable<AbortThreshold["threshold"]>): Expectation {
  if (gt !== undefined) return { lte: gt, quantity };
  if (gte !== undefined) return { lt: gte, quantity };
  return lt === undefined ? { gt: lte, quantity } : { gte: lt, quantity };
}
