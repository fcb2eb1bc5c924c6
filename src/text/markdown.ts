import { MARKER_PREFIX } from "./marker";

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
  const longest = Math.max(2, ...inner.flatMap((line) => (line.match(/`+/g) ?? []).map((run) => run.length)));
  const fence = "`".repeat(longest + 1);
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
