import { milliseconds, showDuration } from "../../text/duration";
import { compare, type Expectation } from "../expectation";
import type { HttpGate, MetricGate, SqlGate } from "../gate";
import { type Found, fail, inconclusive, pass, type SeenOf } from "../verdict";

function judgeValue(expected: Expectation, value: unknown): Found {
  const result = compare(expected, value);
  switch (result.kind) {
    case "met":
      return pass(showValue(value));
    case "unmet":
      return fail(showValue(value), "Mend what is measured, then run pulumi up again");
    case "unusable":
      return inconclusive(
        result.why,
        "Correct what is measured, so that it yields one value of the expected type",
      );
  }
}

/** The value of a query. */
export function judgeQuery(definition: SqlGate, seen: SeenOf<"value">): Found {
  const found = judgeValue(definition.expect, seen.value);
  if (!seen.window) return found;
  const over = showDuration(Date.parse(seen.window.to) - Date.parse(seen.window.from));
  return { ...found, observed: `${found.observed} over ${over}` };
}

/** A metric over its window, with enough samples to mean anything. */
export function judgeMetric(definition: MetricGate, seen: SeenOf<"metric">): Found {
  const over = `over ${showDuration(Date.parse(seen.window.to) - Date.parse(seen.window.from))}, ${seen.samples} samples`;
  if (!(seen.samples >= definition.minSamples)) {
    return inconclusive(
      `${over}; too few to say anything`,
      `Wait for ${definition.minSamples} samples, or find out why there are none`,
    );
  }
  const found = judgeValue(definition.expect, seen.value);
  return { ...found, observed: `${found.observed} ${over}` };
}

/** The answer to a request. */
export function judgeAnswer(definition: HttpGate, seen: SeenOf<"answer">): Found {
  const took = `${seen.status} in ${showDuration(seen.ms)}`;
  if (seen.status !== definition.status) return fail(took, "Look at the service's log for this request");
  if (definition.within !== undefined && !(seen.ms < milliseconds(definition.within)))
    return fail(took, "Find out why the answer is slow");
  if (!definition.expect) return pass(took);
  const found = judgeValue(definition.expect, seen.value);
  return { ...found, observed: `${found.observed} (${took})` };
}

/** What a check in TypeScript found. */
export function judgeCheck(seen: SeenOf<"check">): Found {
  return seen.holds === true ? pass(seen.said) : fail(seen.said, "Mend what the check found");
}

/** A value as a report shows it: on one line, and short. */
function showValue(value: unknown): string {
  if (typeof value === "number") return String(Number(value.toPrecision(6)));
  const text =
    typeof value === "string"
      ? JSON.stringify(value)
      : typeof value === "object"
        ? JSON.stringify(value)
        : String(value);
  return text.length > 60 ? `${text.slice(0, 59)}…` : text;
}
