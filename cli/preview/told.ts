import { hearsOf } from "../../src/rollout/told";
import { code, row, text } from "../../src/text/markdown";
import type { Section } from "./fit";
import type { PreviewView } from "./view";

/** Who is paged and told of the stage, by which topic and through what. */
export function told({ told: topics, stage }: PreviewView): Section | undefined {
  if (topics.length === 0) return undefined;
  const columns = ["topic", "hears of", "channels", "subscriptions"];
  return {
    name: "who is told",
    head: ["", `### Who is told of ${code(stage)}`, "", row(columns), row(columns.map(() => "---"))],
    items: topics.map((one) => {
      const { topic, channels, subscriptions } = one;
      const nobody = channels.length + subscriptions.length === 0;
      const tools = channels.map(({ name, tool }) => `${code(name)} (${text(tool)})`).join(", ");
      return row([
        code(topic),
        text(hearsOf(one)) || "nothing",
        nobody ? "**nobody**" : tools || "none",
        nobody ? "" : subscriptions.map((each) => text(each)).join(", ") || "none",
      ]);
    }),
    tail: [],
  };
}
