import { MARKER_PREFIX } from "./marker";
import { plainLine } from "./text";

/** A longer value than this tells nobody more; it only pushes the rest out of the comment. Characters. */
const LONGEST = 400;

/** Breaks up what GitHub would act on; nobody sees it. */
const ZERO_WIDTH = "\u200b";

/**
 * A text of anybody's as one line of Markdown that shows just these words: no formatting, links, HTML, mentions or
 * references come of it, and none of it ends the cell of a table.
 */
export function text(raw: string, longest = LONGEST): string {
  return (
    clip(oneLine(raw), longest)
      .replace(/&/g, "&amp;")
      .replace(/</g, "&lt;")
      .replace(/>/g, "&gt;")
      .replace(/[\\`*_{}[\]~$]/g, "\\$&")
      .replace(/[@#]/g, `$&${ZERO_WIDTH}`)
      .replace(/:\/\//g, `:${ZERO_WIDTH}//`)
      .replace(/\b(www)\./gi, `$1${ZERO_WIDTH}.`)
      .replace(/\b(GH)-(?=\d)/gi, `$1-${ZERO_WIDTH}`)
      // An entity: the parser of tables reads a backslash before a pipe in its own way.
      .replace(/\|/g, "&#124;")
  );
}

/** A name in the font of code, where it is one that code can show; anything else as plain text. */
export function code(raw: string): string {
  return /^[A-Za-z0-9_.:/%-]{1,120}$/.test(raw) ? `\`${raw}\`` : text(raw, 120);
}

/** A row of a table. */
export function row(cells: readonly string[]): string {
  return `| ${cells.map((cell) => (cell === "" ? " " : cell)).join(" | ")} |`;
}

/** Lines shown as they are. The fence is longer than any in them, and none of them is taken for a marker. */
export function fenced(language: string, lines: readonly string[]): string[] {
  const inner = lines.map((line) =>
    line
      .replace(/[\r\n\u2028\u2029]+/g, " ")
      .replaceAll(MARKER_PREFIX.slice(0, 4), `<${ZERO_WIDTH}${MARKER_PREFIX.slice(1, 4)}`),
  );
  const fence = "`".repeat(Math.max(3, longestRun(inner.join("\n")) + 1));
  return [`${fence}${language}`, ...inner, fence];
}

/** Without line ends, control characters, and marks that turn the direction of writing. */
export function oneLine(raw: string): string {
  return raw
    .replace(/\p{Surrogate}/gu, "\uFFFD")
    .replace(/[\u200b\u200e\u200f\u061c\u202a-\u202e\u2066-\u2069\ufeff]/g, "")
    .replace(/[\p{Cc}\s]+/gu, " ")
    .trim();
}

/** At most `longest` characters, never half of one. */
function clip(raw: string, longest: number): string {
  if (raw.length <= longest) return raw;
  const kept = raw.slice(0, longest - 1).replace(/[\ud800-\udbff]$/, "");
  return `${kept}…`;
}

/** A person's words as one line of Markdown that shows just these words. */
export function words(raw: string): string {
  return (
    plainLine(raw)
      .replaceAll("&", "&amp;")
      // Within a word, an underscore is one.
      .replaceAll(/[\\`*{}[\]~<]|(?<![\p{L}\p{N}])_|_(?![\p{L}\p{N}])/gu, "\\$&")
      .replaceAll("|", "&#124;")
      .replace(/^([#>+-])(?=\s)/, "\\$1")
      .replace(/^(\d+)([.)])(?=\s)/, "$1\\$2")
  );
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
  const body = content.replaceAll(/\r\n?/g, "\n").replace(/\n+$/, "");
  const fence = "`".repeat(Math.max(3, longestRun(body) + 1));
  return [`${fence}${language}`, ...body.split("\n"), fence];
}

/** A table; a column whose cells are all empty is left out. */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): string[] {
  const kept = head.map((_, column) => rows.some((row) => (row[column] ?? "") !== ""));
  const line = (cells: readonly string[]) =>
    `| ${cells
      .filter((_, column) => kept[column])
      // Inside code, too, a pipe would end the cell.
      .map((cell) => cell.replaceAll(/(?<!\\)\|/g, "\\|"))
      .join(" | ")} |`;
  return [line(head), line(head.map(() => "---")), ...rows.map(line)];
}

function longestRun(raw: string): number {
  return Math.max(0, ...(raw.match(/`+/g) ?? []).map((run) => run.length));
}
