import { ofStage } from "../../text/command";
import { shell } from "../../text/markdown";
import { definition } from "../common";
import { lacking, standIn } from "../kind";
import { inconclusive, pass } from "../verdict";

/** All of the predecessor's exit gates. */
export const exit = standIn({
  schema: definition("exit", {}).describe("Every exit gate of the predecessor passes."),
  phases: ["entry"],
  fieldErrors: (_, { line }) =>
    lacking(Object.keys(line.at(-1)?.exit ?? {}).length > 0, {
      what: "stands for the predecessor's exit gates, and it has none",
      remedy: "Add exit: to the predecessor, or take the gate out",
    }),
  required: () => "every exit gate of the predecessor passes",
  measured: (_, { place, before }) => ({
    how: "judged from the exit gates of the stage before",
    ...(before === undefined ? {} : { run: shell([ofStage(place, "check", before)]) }),
  }),
  rollUp: {
    phase: "exit",
    judge(exits) {
      if (exits.length === 0)
        return inconclusive(
          "the predecessor has no exit gates",
          "Declare them under exit: of the predecessor, or take this gate out",
        );
      const open = exits.filter(({ outcome }) => outcome !== "pass");
      if (open.length === 0) return pass(`all ${exits.length} pass`);
      const waits = open.map(({ earliest }) => earliest);
      const earliest = waits.every((time) => time !== undefined) ? waits.sort().at(-1) : undefined;
      return {
        outcome: open.some(({ outcome }) => outcome === "fail") ? "fail" : "inconclusive",
        observed: `open: ${open.map(({ gate }) => gate).join(", ")}`,
        remedy: "See these gates",
        ...(earliest ? { earliest } : {}),
      };
    },
  },
});
