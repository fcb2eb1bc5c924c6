/**
 * Text on one line: what came from a database, from AWS or from a person is shown as text, and never moves the cursor
 * or changes the terminal.
 */
export function plainLine(text: string): string {
  return text
    .replaceAll(/\p{Surrogate}/gu, "\uFFFD")
    .replaceAll(/[\s\p{Cc}\p{Cf}]+/gu, " ")
    .trim();
}
