import { type Answer, answer } from "../../answer";
import type { Call } from "../../call";
import { listOf, numberOf, type Rule, type Service, textOf, type World } from "../../rule";
import { tooLong } from "../names";
import { isJsonPattern, jsonPattern } from "./pattern";

const RULES: readonly Rule[] = [
  tooLong("logs-group-name", ["CreateLogGroup"], "logGroupName", 512, "InvalidParameterException"),
  {
    id: "logs-json-pattern",
    refuses: "patterns in braces that are no condition on JSON",
    code: "InvalidParameterException",
    operations: ["FilterLogEvents"],
    when: ({ filterPattern }) => {
      const pattern = textOf(filterPattern) ?? "";
      return isJsonPattern(pattern) && !jsonPattern(pattern) ? "Invalid filter pattern" : undefined;
    },
  },
];

/** The most that one answer holds. */
const MOST = 10_000;

/** The emulator takes every line for one that matches a pattern in braces; other patterns it knows. */
async function filterLogEvents(call: Call, { upstream }: World): Promise<Answer> {
  const { filterPattern, ...input } = call.input;
  const matches = jsonPattern(textOf(filterPattern) ?? "");
  const asked = matches ? { ...input, limit: undefined } : call.input;
  const said = await upstream.call(call.service, call.operation, asked, call.scope);
  if (!matches) return answer(call, said);
  const events = listOf(said.events).filter(({ message }) => matches(textOf(message) ?? ""));
  return answer(call, { ...said, events: events.slice(0, numberOf(call.input.limit) ?? MOST) });
}

/** CloudWatch Logs. */
export const logs = (): Service => ({
  name: "logs",
  rules: RULES,
  answers: { FilterLogEvents: filterLogEvents },
});
