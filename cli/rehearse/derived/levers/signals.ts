import type { SignalPublisher } from "../../../../sandbox/standin/signals/publish";
import type { Published } from "../../../../sandbox/standin/signals/values";
import type { Watched } from "../../../../sandbox/standin/signals/watched";
import { type Way, waysOf } from "../../../../sandbox/standin/signals/ways";
import type { Row } from "../rehearsedRows";
import type { Lever } from "./lever";

/** The metrics that a row watches. A gate's are moved only where no alarm rings with it. */
export function signals(
  rows: readonly Watched[],
  good: readonly Published[],
  publisher: Pick<SignalPublisher, "instead" | "calm">,
): Lever {
  const found = new Map<string, Way | undefined>();
  const wayOf = (row: Row) => {
    const watched = rows.find(({ id }) => id === row.key);
    if (watched && !found.has(row.key)) found.set(row.key, waysOf(watched, rows, good)[0]);
    const way = found.get(row.key);
    const rings = way?.turned.some(({ section }) => section === "abort");
    return rings && row.section !== "abort" ? undefined : way;
  };
  return {
    moves: "its metric",
    can: (row) => wayOf(row) !== undefined,
    also: (row) => wayOf(row)?.turned.map(({ id }) => id) ?? [],
    async pull(row) {
      const way = wayOf(row);
      if (way) await publisher.instead(way);
    },
    release: () => publisher.calm(),
  };
}
