import { plainLine } from "./text";
import { hanging } from "./wrap";

/** What surrounds a text, such as colour. */
type Paint = (text: string) => string;

export interface Paints {
  readonly bold: Paint;
  readonly dim: Paint;
  readonly good: Paint;
  readonly wait: Paint;
  readonly bad: Paint;
}

const same: Paint = (text) => text;

/** Without colour, and for tests. */
export const PLAIN: Paints = { bold: same, dim: same, good: same, wait: same, bad: same };

/** Narrower than this, columns no longer help. */
const NARROWEST = 40;
const WIDEST = 120;

/** How wide a page is for a terminal of so many columns; 80 where nobody knows. */
export function pageWidth(columns: number | undefined): number {
  return Math.min(WIDEST, Math.max(NARROWEST, columns ?? 80));
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

function pad(text: string, width: number, paint: Paint = same): string {
  return `${paint(text)}${" ".repeat(Math.max(0, width - text.length))}`;
}
