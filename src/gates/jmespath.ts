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

/** What an expression finds, if anything: whatever it is asked of, it finds nothing else. */
export type AnswerType = "true or false" | "a count" | "text" | "a list" | "an object";

/** The one type that an expression's answers have by its form alone; undefined where what is asked decides. */
export function typeOfAnswer(expression = ""): AnswerType | undefined {
  const ast = astOf(expression);
  return ast && typeOf(ast);
}

/** Whether an expression is answered by yes or no, if at all. */
export const isYesOrNo = (expression: string): boolean => typeOfAnswer(expression) === "true or false";

/** By nodes of the grammar and by functions, as its specification has them. */
const TYPES: Readonly<Record<AnswerType, readonly string[]>> = {
  "true or false": ["Comparator", "NotExpression", "contains", "starts_with", "ends_with"],
  "a count": ["length"],
  text: ["type", "to_string", "join"],
  "a list": [
    ...["Projection", "FilterProjection", "ValueProjection", "Flatten", "MultiSelectList"],
    ...["keys", "values", "map", "sort_by", "to_array"],
  ],
  "an object": ["MultiSelectHash", "merge"],
};

function typeOf(node: Ast): AnswerType | undefined {
  const { type, name = "" } = node;
  const parts = partsOf(node);
  if (type === "Pipe") return parts[1] && typeOf(parts[1]);
  if (type === "AndExpression" || type === "OrExpression") {
    const [one, ...others] = parts.map(typeOf);
    return others.every((other) => other === one) ? one : undefined;
  }
  const told = type === "Function" ? name : type;
  return (Object.keys(TYPES) as AnswerType[]).find((one) => TYPES[one].includes(told));
}

/** The parser's own words, without the expression, which is said beside them. */
export function wordsOf(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  return (message.split(" in expression: ")[0] ?? message).replace(
    /^(Bad|Invalid) jmespath expression: /,
    "",
  );
}
