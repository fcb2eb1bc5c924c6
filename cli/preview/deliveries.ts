import { code, quoted, row, text } from "../../src/text/markdown";
import type { Section } from "./fit";
import type { PreviewView } from "./view";

/** Platforms that the flags are carried on to, how long each may take, and what is typed where one does not follow. */
export function deliveries({ deliveries: all = [], kind }: PreviewView): Section | undefined {
  if (all.length === 0 || kind === "foundation" || kind === "none") return undefined;
  const order = all.length === 1 ? "" : kind === "lower" ? ", from the last to the first" : ", in this order";
  return {
    name: "platforms",
    head: [
      "",
      "### Carried on to platforms",
      "",
      `Once the ledger has them the flags are carried on${order}. An abort waits for none of these.`,
      "",
      row(["delivery", "where to", "may take", "goes up after", "where it does not follow, set by hand"]),
      row(["---", "---", "---", "---", "---"]),
    ],
    items: all.map(({ name, to, within, after, byHand }) =>
      row([
        code(name),
        text(to),
        within,
        after.map(code).join(", ") || "the ledger",
        byHand === undefined ? "" : quoted(byHand),
      ]),
    ),
    tail: [],
  };
}
