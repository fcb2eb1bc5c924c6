import wrapAnsi from "wrap-ansi";
import { COMMAND } from "./command";
import { plainLine } from "./text";

/** What surrounds a text, such as colour. */
type Paint = (text: string) => string;

export interface Paints {
  readonly bold: Paint;
  readonly dim: Paint;
  readonly good: Paint;
  readonly wait: Paint;
  readonly bad: Paint;
}

/** Without colour, and for tests. */
export const PLAIN: Paints = {
  bold: (text) => text,
  dim: (text) => text,
  good: (text) => text,
  wait: (text) => text,
  bad: (text) => text,
};

/** Narrower than this, columns no longer help. */
const NARROWEST = 40;
const WIDEST = 120;

/** How wide a page is for a terminal of so many columns; 80 where nobody knows. */
export function pageWidth(columns: number | undefined): number {
  return Math.min(WIDEST, Math.max(NARROWEST, columns ?? 80));
}

/**
 * Lines of `text` behind `head`, the later ones indented as far as the first. No line is wider than `width`, but for
 * one that holds a command alone: broken in two, it would be typed as two.
 */
function hanging(head: string, headWidth: number, text: string, width: number): string[] {
  const room = Math.max(10, width - headWidth);
  const lines = pieces(text, room).flatMap((piece) =>
    piece.whole ? [piece.text] : wrapAnsi(piece.text, room, { hard: true }).replaceAll(GLUE, " ").split("\n"),
  );
  return lines.map((line, index) => `${index === 0 ? head : " ".repeat(headWidth)}${line}`.trimEnd());
}

/** Stands for a blank at which no line ends. */
const GLUE = "\u00a0";

/** The text, cut where a command needs a line to itself; a shorter one is kept together. */
function pieces(text: string, room: number): { readonly text: string; readonly whole: boolean }[] {
  const found: { text: string; whole: boolean }[] = [];
  let from = 0;
  let prose = "";
  const flush = () => {
    if (prose.trim() !== "") found.push({ text: prose.trim(), whole: false });
    prose = "";
  };
  for (const match of text.matchAll(COMMAND)) {
    const [command] = match;
    prose += text.slice(from, match.index);
    from = match.index + command.length;
    if (command.length <= room) {
      prose += command.replaceAll(" ", GLUE);
      continue;
    }
    flush();
    found.push({ text: command, whole: true });
    // The sentence ends with the line.
    if (/^[.,;:]/.test(text.slice(from))) from += 1;
  }
  prose += text.slice(from);
  flush();
  return found.length > 0 ? found : [{ text, whole: false }];
}

/** What a line of its own begins with, and what hangs below it does not: blanks, a dash, a number. */
const HEAD = /^ *(?:- |\d+\.? +)?/;

/**
 * A text of several lines for a terminal: each that is wider is wrapped, and what follows stands under its beginning.
 * No command is broken in two.
 */
export function wrapped(text: string, width: number): string {
  return text
    .split("\n")
    .flatMap((line) => {
      const [head] = HEAD.exec(line) ?? [""];
      return line.length <= width ? [line] : hanging(head, head.length, line.slice(head.length), width);
    })
    .join("\n");
}

/** A short column before a row's text. */
export interface Cell {
  readonly text: string;
  readonly width: number;
  readonly paint?: Paint;
}

const INDENT = 2;
/** A row's text has at least this many columns, or goes below the others. */
const LEAST_TEXT = 24;

/** A page of sections and rows, as lines that are no wider than asked for. */
export class Page {
  /** Why something was unknown: one cause is told once. */
  private readonly causes = new Set<string>();

  constructor(
    readonly width: number,
    readonly paints: Paints,
  ) {}

  text(text: string): string[] {
    return hanging("", 0, text, this.width);
  }

  section(title: string, rest = ""): string[] {
    const head = `${title}  `;
    return ["", ...hanging(this.paints.bold(head), head.length, rest, this.width)];
  }

  /** A part that is not known, and what to do about it. */
  unknown(title: string, { why, remedy }: { readonly why: string; readonly remedy: string }): string[] {
    const { bad, dim } = this.paints;
    if (this.causes.has(why)) return this.section(title, `${bad("unknown")}, for the same reason`);
    this.causes.add(why);
    return this.section(title, `${bad("unknown")}, ${plainLine(why)}. ${dim(`${plainLine(remedy)}.`)}`);
  }

  /** Short columns, and a text that wraps under itself. */
  row(cells: readonly Cell[], text: string): string[] {
    const head = cells.map(({ text: cell, width, paint }) => pad(cell, width, paint)).join("");
    const headWidth =
      INDENT + cells.reduce((sum, { text: cell, width }) => sum + Math.max(cell.length, width), 0);
    if (headWidth <= this.width - LEAST_TEXT)
      return hanging(`${" ".repeat(INDENT)}${head}`, headWidth, text, this.width);
    const below = text === "" ? [] : hanging(" ".repeat(2 * INDENT), 2 * INDENT, text, this.width);
    return [...hanging(" ".repeat(INDENT), INDENT, head.trimEnd(), this.width), ...below];
  }
}

function pad(text: string, width: number, paint: Paint = (same) => same): string {
  return `${paint(text)}${" ".repeat(Math.max(0, width - text.length))}`;
}
