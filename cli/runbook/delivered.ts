import { deliveriesInOrder } from "../../src/rollout/deliveries";
import type { Rollout } from "../../src/rollout/rollout";
import { cutover, type Place, quoted } from "../../src/text/command";
import { quoted as code, shell, table, words as text } from "../../src/text/markdown";

/** Platforms that flags are carried on to: in which order, how long each may take, and what is typed where one does not. */
export function deliveredSection(rollout: Rollout, place: Place): string[] {
  const deliveries = deliveriesInOrder(rollout);
  if (deliveries.length === 0) return [];
  return [
    "",
    `Carried on by themselves ${deliveries.length === 1 ? "to" : "in this order, and on the way down in the other, to"}:`,
    "",
    ...table(
      ["Delivery", "Where to", "May take", "Goes up after"],
      deliveries.map(({ name, to, within, after }) => [
        text(name),
        text(to),
        within,
        after.map(text).join(", ") || "the ledger",
      ]),
    ),
    "",
    "An abort waits for none of them. Where one does not follow, this prints what is to be set there by hand; then its servers are started anew:",
    "",
    ...shell(deliveries.map(({ name }) => cutover(place, "env", `-d ${quoted(name)}`))),
  ];
}

/** The same in a sentence, for a way back; undefined where there are none. */
export function deliveredLine(rollout: Rollout): string | undefined {
  const deliveries = deliveriesInOrder(rollout).reverse();
  if (deliveries.length === 0) return undefined;
  const named = deliveries.map(({ name, within }) => `${code(name)} (within ${within})`);
  return `It carries the flags on to ${named.join(", then ")}.`;
}
