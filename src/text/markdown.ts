import { MARKER_PREFIX } from "./marker";
import { clipped, plainLine, plainText } from "./text";

/** A longer value than this tells nobody more; it only pushes the rest out of the comment. Characters. */
const LONGEST = 400;

/** Breaks up what GitHub would act on; nobody sees it. */
const ZERO_WIDTH = "\u200b";

/**
 * Anybody's text as one line of Markdown that shows just these words: no formatting, links or HTML come of it, and
 * none of it ends the cell of a table. The one escaper of all that is written in Markdown, of which people read a part
 * as it stands (runbooks): it leaves what means nothing, such as an underscore within a name.
 */
export function words(raw: string): string {
  return (
    plainLine(raw)
      .replaceAll("&", "&amp;")
      // Within a word, an underscore is one.
      .replaceAll(/[\\`*{}[\]~<]|(?<![\p{L}\p{N}])_|_(?![\p{L}\p{N}])/gu, "\\$&")
      // An entity: the parser of tables reads a backslash before a pipe in its own way.
      .replaceAll("|", "&#124;")
      .replace(/^([#>+-])(?=\s)/, "\\$1")
      .replace(/^(\d+)([.)])(?=\s)/, "$1\\$2")
  );
}

/**
 * The same in a comment, of which GitHub would make more: mentions, references, links and formulas. It is also read
 * without its Markdown, for its marker and where it may be cut off: no `<` stands in it, whatever is before it.
 */
export function text(raw: string, longest = LONGEST): string {
  return (
    words(clipped(plainLine(raw), longest))
      .replaceAll("\\<", "&lt;")
      .replaceAll(/^\\>|>/g, "&gt;")
      .replaceAll(/(?<=[\p{L}\p{N}])_(?=[\p{L}\p{N}])|\$/gu, "\\$&")
      // Behind an ampersand it belongs to an entity: one of the text's own is none by now.
      .replaceAll(/@|(?<!&)#/g, `$&${ZERO_WIDTH}`)
      .replaceAll("://", `:${ZERO_WIDTH}//`)
      .replaceAll(/\b(www)\./gi, `$1${ZERO_WIDTH}.`)
      .replaceAll(/\b(GH)-(?=\d)/gi, `$1-${ZERO_WIDTH}`)
  );
}

/** A name in the font of code, where it is one that code can show; anything else as plain text. */
export function code(raw: string): string {
  return /^[A-Za-z0-9_.:/%-]{1,120}$/.test(raw) ? `\`${raw}\`` : text(raw, 120);
}

/** A row of a table. Inside code, too, a pipe would end the cell. */
export function row(cells: readonly string[]): string {
  return `| ${cells.map((cell) => cell.replaceAll(/(?<!\\)\|/g, "\\|") || " ").join(" | ")} |`;
}

/** Lines in a comment, shown as they are; none of them is taken for a marker. */
export function fenced(language: string, lines: readonly string[]): string[] {
  const unmarked = `<${ZERO_WIDTH}${MARKER_PREFIX.slice(1, 4)}`;
  const inner = lines.map((line) =>
    plainText(line).replace(/\n+/g, " ").replaceAll(MARKER_PREFIX.slice(0, 4), unmarked),
  );
  return block(language, inner.join("\n"));
}

/** Something that is typed or looked for as it stands. The quotes are longer than any in it. */
export function quoted(raw: string): string {
  const line = plainLine(raw);
  const fence = "`".repeat(longestRun(line) + 1);
  const gap = line.startsWith("`") || line.endsWith("`") ? " " : "";
  return line === "" ? "" : `${fence}${gap}${line}${gap}${fence}`;
}

/** Lines to be copied as they stand. */
export function block(language: string, content: string): string[] {
  const body = plainText(content).replace(/\n+$/, "");
  const fence = "`".repeat(Math.max(3, longestRun(body) + 1));
  return [`${fence}${language}`, ...body.split("\n"), fence];
}

/** Lines to be typed in a shell. */
export function shell(lines: readonly string[]): string[] {
  return block("sh", lines.join("\n"));
}

/** A table; a column whose cells are all empty is left out. */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): string[] {
  const kept = head.map((_, column) => rows.some((row) => (row[column] ?? "") !== ""));
  const line = (cells: readonly string[]) => row(cells.filter((_, column) => kept[column]));
  return [line(head), line(head.map(() => "---")), ...rows.map(line)];
}

function longestRun(raw: string): number {
  return Math.max(0, ...(raw.match(/`+/g) ?? []).map((run) => run.length));
}
