import { plainLine } from "./text";

/** A person's words as one line of Markdown that shows just these words. */
export function text(raw: string): string {
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
export function code(raw: string): string {
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
