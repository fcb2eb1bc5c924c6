/**
 * Text of several lines, for a terminal or a page: without what moves a cursor, rings, changes a terminal or turns the
 * direction of writing. Colours of our own are put around it, not in it.
 */
export function plainText(text: string): string {
  return text
    .replaceAll(/\r\n?/g, "\n")
    .replaceAll(/\p{Surrogate}/gu, "\uFFFD")
    .replaceAll("\t", "  ")
    .replaceAll(/(?!\n)[\p{Cc}\p{Bidi_Control}\u2028\u2029]/gu, " ");
}

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

/** At most so many characters, never half of one. */
export function clipped(text: string, longest: number): string {
  if (text.length <= longest) return text;
  const kept = text.slice(0, longest - 1).replace(/[\ud800-\udbff]$/, "");
  return `${kept}…`;
}
