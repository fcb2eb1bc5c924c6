import { TOLD_COLUMNS, toldRows } from "../../src/rollout/recipients";
import { code, row, text } from "../../src/text/markdown";
import type { Section } from "./fit";
import type { PreviewView } from "./view";

/** Who is paged and told of the stage, by which topic and through what. */
export function told({ told: topics, stage }: PreviewView): Section | undefined {
  if (topics.length === 0) return undefined;
  const columns = TOLD_COLUMNS.map((column) => column.toLowerCase());
  const line = TOLD_COLUMNS.map(() => "---");
  return {
    name: "who is told",
    head: ["", `### Who is told of ${code(stage)}`, "", row(columns), row(line)],
    items: toldRows(topics, { text, code }).map(row),
    tail: [],
  };
}
