/**
 * How a message reads as plain text, in an e-mail or in any other subscription of a topic: a headline, then fields,
 * each on a line of its own. What is written by `field` is read back by `readPlain`, so that other channels show the
 * very same words.
 */

/** One thing that a message says, under a label. */
export interface Field {
  readonly label: string;
  readonly value: string;
}

/** Where values begin, unless a label is longer. */
const COLUMN = 14;

/** One field as a line. Without a label it goes on with the field before. */
export function field(label: string, value: string): string {
  const head = label === "" ? "" : `${label}:`;
  return `${head.padEnd(COLUMN - 1)} ${oneLine(value)}`;
}

/** A text without line breaks. */
export function oneLine(text: string): string {
  return text.replaceAll(/\s+/g, " ").trim();
}

/** What a message says. */
export interface Plain {
  /** Its first line. */
  readonly title: string;
  readonly fields: readonly Field[];
  /** All other lines, in their order, such as the gates of a soak. */
  readonly lines: readonly string[];
}

const FIELD = /^([A-Z][A-Za-z ]{0,30}):( +)(\S.*)$/;
const MORE = /^ {14}(\S.*)$/;

/** What a plain text says. Takes any text: what is no field is a line. */
export function readPlain(text: string): Plain {
  const [title = "", ...rest] = text.split(/\r?\n/);
  const fields: { label: string; value: string }[] = [];
  const lines: string[] = [];
  let open = false;
  for (const line of rest) {
    const [, label = "", gap = "", value = ""] = FIELD.exec(line) ?? [];
    const more = MORE.exec(line)?.[1];
    const last = fields.at(-1);
    if (label !== "" && label.length + 1 + gap.length >= COLUMN) {
      fields.push({ label, value });
      open = true;
    } else if (more !== undefined && open && last) {
      last.value += `\n${more}`;
    } else {
      open = false;
      lines.push(line);
    }
  }
  return { title: title.trim(), fields, lines: withoutEdges(lines) };
}

function withoutEdges(lines: readonly string[]): string[] {
  const first = lines.findIndex((line) => line.trim() !== "");
  const last = lines.findLastIndex((line) => line.trim() !== "");
  // Fields leave empty lines behind.
  return lines
    .slice(Math.max(first, 0), last + 1)
    .filter((line, at, all) => line !== "" || all[at - 1] !== "");
}

/** SNS wants fewer than 100 characters. Source: SNS API reference, Publish. */
export const SUBJECT_LENGTH = 99;

/** A subject as SNS takes it: printable ASCII, and never too long. */
export function subjectOf(text: string): string {
  return ascii(oneLine(text)).slice(0, SUBJECT_LENGTH).trimEnd();
}

const SPELT: Readonly<Record<string, string>> = {
  "–": "-",
  "—": "-",
  "→": "->",
  "≥": ">=",
  "≤": "<=",
  "…": "...",
  "’": "'",
  "‘": "'",
  "„": '"',
  "“": '"',
  "”": '"',
  "×": "x",
  ß: "ss",
};

/** Letters lose their accents; what then is still no ASCII becomes a question mark. */
export function ascii(text: string): string {
  return text
    .normalize("NFKD")
    .replaceAll(/\p{Mn}/gu, "")
    .replaceAll(/[^ -~]/gu, (character) => SPELT[character] ?? "?");
}
