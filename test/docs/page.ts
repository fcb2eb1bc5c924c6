import { readdirSync, readFileSync } from "node:fs";
import { join, relative } from "node:path";

/** The checkout. */
export const PROJECT = join(__dirname, "..", "..");

/** A fenced block of a page. */
export interface Block {
  /** The page's path in the checkout. */
  readonly page: string;
  /** The line of the fence, counted from 1. */
  readonly line: number;
  readonly language: string;
  /** Without the indentation of the list that it may stand in. */
  readonly text: string;
  /** The codes that its commands end with: one for all of them, or one for each. Absent where they all succeed. */
  readonly exits?: readonly number[];
}

/** A command as a page prints it, on one line. */
export interface Command {
  readonly page: string;
  /** The line that it begins on, counted from 1. */
  readonly line: number;
  readonly text: string;
  /** What it ends with. */
  readonly exit: number;
}

/** The Markdown pages below a folder, in the order of their paths. */
export function pagesIn(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(".md"))
    .map((name) => join(folder, name))
    .sort();
}

/** Every page that people read: absolute paths, the README first. */
export const PAGES: readonly string[] = [join(PROJECT, "README.md"), ...pagesIn(join(PROJECT, "docs"))];

/** A page's path in the checkout. */
export const pathOf = (page: string): string => relative(PROJECT, page).replaceAll("\\", "/");

/** Every fenced block of a page that names its language. */
export function blocksOf(page: string): Block[] {
  return blocksIn(readFileSync(page, "utf8"), pathOf(page));
}

const FENCE = /^(\s*)```(\w+)\s*$/;
/** What a page says of the block below it, which no reader has to see. */
const EXITS = /^\s*<!-- exit: (\d+(?: \d+)*) -->$/;

/**
 * Every fenced block of a text that names its language. A comment `<!-- exit: 3 -->` right above says what the commands
 * of the block end with, `<!-- exit: 0 3 -->` what each does.
 */
export function blocksIn(text: string, page: string): Block[] {
  const lines = text.split("\n");
  const blocks: Block[] = [];
  for (let index = 0; index < lines.length; index++) {
    const [, indent = "", language = ""] = FENCE.exec(lines[index] ?? "") ?? [];
    if (language === "") continue;
    const end = lines.findIndex((line, at) => at > index && line === `${indent}\`\`\``);
    if (end === -1) throw new Error(`${page}:${index + 1}: the block is never closed`);
    const exits = EXITS.exec(lines[index - 1] ?? "")?.[1]
      ?.split(" ")
      .map(Number);
    blocks.push({
      page,
      line: index + 1,
      language,
      text: lines
        .slice(index + 1, end)
        .map((line) => line.slice(indent.length))
        .join("\n"),
      ...(exits ? { exits } : {}),
    });
    index = end;
  }
  return blocks;
}

/**
 * The commands of a shell block: without comments, and one that goes on over several lines as one. Throws where the
 * block states codes for another number of commands than it has.
 */
export function commandsOf({ page, line, text, exits = [0] }: Block): Command[] {
  const found: { line: number; text: string }[] = [];
  let open = false;
  for (const [index, typed] of text.split("\n").entries()) {
    const words = withoutComment(typed).trim();
    const last = found.at(-1);
    if (open && last) last.text = `${last.text.slice(0, -1).trimEnd()} ${words}`;
    else if (words !== "") found.push({ line: line + 1 + index, text: words });
    open = words.endsWith("\\");
  }
  if (exits.length !== 1 && exits.length !== found.length)
    throw new Error(`${page}:${line}: states ${exits.length} exit codes for ${found.length} commands`);
  return found.map((command, index) => ({ page, ...command, exit: exits[index] ?? exits[0] ?? 0 }));
}

/** A `#` begins a comment at the start of a word, and outside of quotes. */
function withoutComment(line: string): string {
  let quote = "";
  for (let at = 0; at < line.length; at++) {
    const char = line[at] ?? "";
    if (quote !== "") {
      if (char === quote) quote = "";
    } else if (char === '"' || char === "'") quote = char;
    else if (char === "#" && (at === 0 || /\s/.test(line[at - 1] ?? ""))) return line.slice(0, at);
  }
  return line;
}

/** What in a command stands for what its reader has to put there: such a command cannot be typed as it is printed. */
export function placeholderIn(command: string): string | undefined {
  return /<[a-z][\w -]*>|(?<![\w$"{])(?:ROLLOUT|STAGE|STACK|FOLDER|NAME|KEY|ROW|CODE)(?!\w)|…/.exec(
    command,
  )?.[0];
}
