import { canTurn, type GroupLines, turnedWith } from "../../../../sandbox/standin/logs/lines";
import type { LogRow } from "../../../../sandbox/standin/logs/logRows";
import type { LogWriter } from "../../../../sandbox/standin/logs/write";
import type { Row } from "../rehearsedRows";
import type { Lever } from "./lever";

/** The lines of the log that a row watches. */
export function logLines(
  rows: readonly LogRow[],
  lines: readonly GroupLines[],
  writer: Pick<LogWriter, "turn" | "calm">,
): Lever {
  const of = ({ key }: Row) => rows.find(({ id }) => id === key);
  return {
    moves: "lines of its log",
    can: (row) => {
      const own = of(row);
      return own !== undefined && canTurn(own, lines);
    },
    also: (row) => {
      const own = of(row);
      return own ? turnedWith(own, rows, lines).map(({ id }) => id) : [];
    },
    async pull(row) {
      const own = of(row);
      if (own) await writer.turn(own);
    },
    release: () => writer.calm(),
  };
}
