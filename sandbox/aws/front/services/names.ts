import { type Rule, textOf } from "../rule";

/** A name over AWS's limit, told as its validators tell it. */
export function tooLong(
  id: string,
  operations: readonly string[],
  field: string,
  limit: number,
  code = "ValidationException",
): Rule {
  return {
    id,
    refuses: `${field} of more than ${limit} characters`,
    code,
    operations,
    when: (input) => {
      const name = textOf(input[field]) ?? "";
      const member = `${field[0]?.toLowerCase()}${field.slice(1)}`;
      return name.length > limit
        ? `1 validation error detected: Value '${name}' at '${member}' failed to satisfy constraint: Member must have length less than or equal to ${limit}`
        : undefined;
    },
  };
}
