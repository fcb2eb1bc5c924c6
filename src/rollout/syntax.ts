import type { Document, LineCounter, YAMLError } from "yaml";
import type { Problem } from "../text/problem";

/**
 * Why a file is not YAML; nothing where it is. Behind a token that should not be there, and behind a tab in the
 * indentation, the parser takes all the rest of the file for errors: none of these is told.
 *
 * @param file as a person names it
 * @param lines what counted the lines while the text was parsed
 */
export function syntaxProblems(
  file: string,
  text: string,
  { errors }: Pick<Document.Parsed, "errors">,
  lines: LineCounter,
): Problem[] {
  const lineOf = ({ pos }: YAMLError) => lines.linePos(pos[0]).line;
  const written = text.split("\n");
  const isTab = (error: YAMLError) =>
    error.code === "TAB_AS_INDENT" || /^ *\t/.test(written[lineOf(error) - 1] ?? "");
  const inOrder = errors.toSorted((one, other) => one.pos[0] - other.pos[0]);
  const lost = inOrder.findIndex((error) => error.code === "UNEXPECTED_TOKEN" || isTab(error));
  const told = inOrder.slice(0, lost < 0 ? undefined : lost + 1);
  const last = told.at(-1);
  // A list behind a tab is taken for a part of the key before it, where that error begins.
  const own =
    last && isTab(last)
      ? told.filter((error) => error === last || error.code !== "BLOCK_AS_IMPLICIT_KEY")
      : told;
  return own.map((error): Problem => {
    const where = `${file}:${lineOf(error)}`;
    return isTab(error)
      ? {
          where,
          what: "is not YAML: a tab stands in the indentation",
          remedy: "Indent with spaces: YAML takes no tabs there",
        }
      : { where, what: `is not YAML: ${withoutText(error.message)}`, remedy: "Correct the syntax" };
  });
}

/** The YAML parser's words without the file's own, which come last in them: they may be a secret. */
export function withoutText(message: string): string {
  return (message.split("\n")[0] ?? "").replace(/[:;].*$/, "");
}
