import { z } from "zod";
import { patternOf } from "../../aws/logPatterns/pattern";
import { show } from "./problems";

/** A log group as CloudWatch Logs may name one. Source: the reference of CreateLogGroup. */
export const logGroup = z
  .string()
  .min(1)
  .max(512)
  .regex(/^[\w./#-]+$/, "a name of letters, digits and _ - / . # alone, such as /ecs/ops-view; no ARN");

/** A filter pattern that CloudWatch Logs takes: it refuses any other when the stage is brought up. */
export const logPattern = z
  .string()
  .min(1)
  .max(1_024)
  .superRefine((pattern, context) => {
    // What is too long is told by itself.
    if (pattern.length > 1_024 || patternOf(pattern)) return;
    const what = `must be a filter pattern of CloudWatch Logs, got ${show(pattern)}`;
    context.addIssue({ code: "custom", message: what, params: { what, remedy: remedyFor(pattern) } });
  });

/** How such a pattern is written: in braces, in brackets, or of words. */
function remedyFor(pattern: string): string {
  const begins = pattern.trim()[0];
  const own =
    begins === "{"
      ? `Write a condition in braces: pattern: '{ $.level = "error" && $.status >= 500 }'`
      : begins === "["
        ? "Name every field in brackets: pattern: '[ip, ..., status = 5*, bytes]'"
        : `Put double quotes around all but letters, digits and _: pattern: '"lost: the database"'`;
  if (!pattern.includes("%")) return own;
  return `${own}. Between percent signs stands an expression without parentheses, and a pattern holds two at most`;
}
