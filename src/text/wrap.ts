import wrapAnsi from "wrap-ansi";
import { COMMAND } from "./command";

/** Breaks words that are wider than a line. */
const BREAKING = { hard: true } as const;
/** Leaves a word whole that is wider than a line: a path, an address, an ARN is there to be copied. */
const WHOLE = { hard: false } as const;

/**
 * Lines of `text` behind `head`, the later ones indented as far as the first. No line is wider than `width`, but for
 * one that holds a command alone: broken in two, it would be typed as two.
 *
 * @param headWidth the columns that `head` takes: it may hold colours
 */
export function hanging(
  head: string,
  headWidth: number,
  text: string,
  width: number,
  words: typeof BREAKING | typeof WHOLE = BREAKING,
): string[] {
  const room = Math.max(10, width - headWidth);
  const lines = pieces(text, room).flatMap((piece) =>
    piece.whole ? [piece.text] : wrapAnsi(piece.text, room, words).replaceAll(GLUE, " ").split("\n"),
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
 * No command and no word is broken in two: one that is wider than `width` has a line to itself. Colours take no columns,
 * and none runs over the end of a line.
 *
 * @param width in columns
 */
export function wrapped(text: string, width: number): string {
  return text
    .split("\n")
    .flatMap((line) => {
      if (fits(line, width)) return [line];
      const [head] = HEAD.exec(line) ?? [""];
      return hanging(head, head.length, line.slice(head.length), width, WHOLE);
    })
    .join("\n");
}

/** By the measure of what wraps it, which knows colours, and letters of two columns. */
function fits(line: string, width: number): boolean {
  return line.length * 2 <= width || !wrapAnsi(line, width, { hard: true, trim: false }).includes("\n");
}
