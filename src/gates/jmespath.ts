import { JMESPathTypeError, search } from "@aws-lambda-powertools/jmespath";
import { type Ast, astOf, partsOf } from "./ast";
import { text } from "./common";
import { placeholders } from "./placeholders";
import { trapIn } from "./traps";

/** A value that stands for its name is a literal of JMESPath, whose type it keeps: it can end no text of the expression. */
const LITERAL = /`\{([a-zA-Z][a-zA-Z0-9]*)\}`/g;

/** A question to an answer's JSON, in JMESPath (https://jmespath.org). */
export const expression = text
  .min(1)
  .max(500)
  .superRefine((value, context) => {
    const problem = errorIn(value);
    if (problem !== undefined) context.addIssue({ code: "custom", message: problem });
  });

/** What is wrong with an expression; undefined where nothing is. */
function errorIn(value: string): string | undefined {
  const [loose] = placeholders(value.replaceAll(LITERAL, ""));
  if (loose !== undefined)
    return `\`{${loose}}\` in backticks: so it becomes the value itself, of its own type`;
  const ast = astOf(value.replaceAll(LITERAL, "`null`"));
  const trap = ast && trapIn(value, ast);
  if (trap !== undefined) return `an expression ${trap}`;
  if (ast && value.search(LITERAL) < 0 && !looks(ast))
    return "an expression that looks at the answer: this one says the same of any";
  try {
    search(value.replaceAll(LITERAL, "`null`"), {});
  } catch (error) {
    // Of nothing, a function has nothing to work on.
    if (error instanceof JMESPathTypeError) return undefined;
    return `an expression of JMESPath: ${wordsOf(error)}`;
  }
  return undefined;
}

/** Whether an expression depends on what it is asked of. */
const looks = (node: Ast): boolean =>
  ["Field", "Current", "Identity"].includes(node.type) || partsOf(node).some(looks);

/** The same expression with values in the place of their names: whatever JSON can write, a list too. */
export function filledExpression(value: string, fill: (placeholder: string) => unknown): string {
  return value.replaceAll(LITERAL, (literal, name: string) => {
    const filled = fill(`{${name}}`);
    return filled === `{${name}}` ? literal : `\`${JSON.stringify(filled).replaceAll("`", "\\`")}\``;
  });
}

/** Whether an expression is answered by yes or no, if at all: whatever it is asked of, it finds nothing else. */
export function isYesOrNo(expression: string): boolean {
  const ast = astOf(expression);
  return ast !== undefined && saysYesOrNo(ast);
}

const YES_OR_NO = ["Comparator", "NotExpression", "contains", "starts_with", "ends_with"];

function saysYesOrNo(node: Ast): boolean {
  const { type, name = "" } = node;
  if (type === "AndExpression" || type === "OrExpression") return partsOf(node).every(saysYesOrNo);
  if (type === "Pipe") return partsOf(node).slice(1).every(saysYesOrNo);
  return YES_OR_NO.includes(type === "Function" ? name : type);
}

/** The parser's own words, without the expression, which is said beside them. */
export function wordsOf(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  return (message.split(" in expression: ")[0] ?? message).replace(
    /^(Bad|Invalid) jmespath expression: /,
    "",
  );
}
