import Ajv from "ajv-draft-04";
import type { Input } from "../../call";
import { listOf, type RefusalText, textOf } from "../../rule";

/** The JSON schemas among a profile's validators. */
export const schemasOf = (validators: unknown) =>
  listOf(validators).flatMap(({ Type, Content }) => (Type === "JSON_SCHEMA" ? [textOf(Content) ?? ""] : []));

interface Compiled {
  readonly validate?: ReturnType<Ajv["compile"]>;
  readonly wrong?: string;
}

/** A schema, or what is wrong with it. */
export function compiled(schema: string): Compiled {
  try {
    return { validate: new Ajv({ strict: false, allErrors: true }).compile(JSON.parse(schema)) };
  } catch (error) {
    return { wrong: error instanceof Error ? error.message : String(error) };
  }
}

/** What AWS says of content that a schema does not accept. */
export function violation(schema: string, content: string): RefusalText | undefined {
  const refused = (reason: string, details: readonly Input[]): RefusalText => ({
    message: `Error invoking validator: ${reason}`,
    more: { Reason: "InvalidConfiguration", Details: { InvalidConfiguration: details } },
  });
  let parsed: unknown;
  try {
    parsed = JSON.parse(content);
  } catch (error) {
    return refused(`the content is no JSON: ${error}`, [{ Type: "JSON_SCHEMA", Reason: String(error) }]);
  }
  const { validate } = compiled(schema);
  if (validate === undefined || validate(parsed)) return undefined;
  const details = (validate.errors ?? []).map(({ keyword, instancePath, message = "" }) => ({
    Type: "JSON_SCHEMA",
    Constraint: keyword,
    Location: instancePath,
    Reason: message,
  }));
  return refused(details.map(({ Location, Reason }) => `${Location} ${Reason}`).join("; "), details);
}
