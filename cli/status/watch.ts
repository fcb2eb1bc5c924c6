import { setTimeout as sleep } from "node:timers/promises";

/** Where a watch is drawn. */
export interface Screen {
  readonly isTTY?: boolean | undefined;
  readonly rows?: number | undefined;
  write(text: string): unknown;
}

export interface WatchOptions {
  /** One picture, as lines. */
  readonly draw: () => Promise<readonly string[]>;
  readonly screen: Screen;
  readonly everyMs: number;
  /** Ends the watch: Ctrl-C. */
  readonly until: AbortSignal;
}

const HIDE_CURSOR = "\x1b[?25l";
const SHOW_CURSOR = "\x1b[?25h";
const OTHER_SCREEN = "\x1b[?1049h";
const FORMER_SCREEN = "\x1b[?1049l";
const HOME = "\x1b[H";
const CLEAR_LINE_END = "\x1b[K";
const CLEAR_BELOW = "\x1b[J";

/**
 * Draws again and again until it is ended. On a terminal in place, each picture in one write over the former one, so
 * that nothing flickers, and at the end the last picture stays; elsewhere one picture after another.
 */
export async function watch({ draw, screen, everyMs, until }: WatchOptions): Promise<void> {
  const live = screen.isTTY === true;
  let last: readonly string[] = [];
  if (live) screen.write(OTHER_SCREEN + HIDE_CURSOR);
  try {
    for (let first = true; !until.aborted; first = false) {
      last = await draw();
      if (until.aborted) break;
      if (live) screen.write(pictureOf(last, screen.rows ?? 24));
      else screen.write(`${first ? "" : "\n"}${last.join("\n")}\n`);
      await sleep(everyMs, undefined, { signal: until }).catch(() => {});
    }
  } finally {
    if (live) screen.write(`${SHOW_CURSOR}${FORMER_SCREEN}${last.length > 0 ? `${last.join("\n")}\n` : ""}`);
  }
}

/** As many lines as the terminal has: one more would make it scroll. */
function pictureOf(lines: readonly string[], rows: number): string {
  const room = Math.max(1, rows - 1);
  const shown =
    lines.length <= room ? lines : [...lines.slice(0, room - 1), `… ${lines.length - room + 1} more lines`];
  return `${HOME}${shown.map((line) => line + CLEAR_LINE_END).join("\n")}\n${CLEAR_BELOW}`;
}
