import { passing } from "../../src/text/counted";
import type { PreviewView } from "./view";

/** A mark for each way that a preview comes out. Words always stand beside it. */
const MARK = { allowed: "✅", blocked: "⛔", failed: "❌" } as const;

/** The comment's first words: what would become of the flags, and whether it may. No names in it, so no escaping. */
export function headlineOf(view: PreviewView): { readonly mark: string; readonly words: string } {
  if (view.outcome === "failed") return { mark: MARK.failed, words: "the preview failed" };
  if (view.kind === "none" && view.why === "aborted" && view.outcome === "allowed")
    return { mark: "🔻", words: "aborted, and stays down" };
  if (view.kind === "none" && view.why === "finished" && view.outcome === "allowed")
    return { mark: "🏁", words: "finished; no flag changes" };
  return { mark: MARK[view.outcome], words: wordsOf(view) };
}

/** Before anything else, where the promotion goes through a door. */
const NO_WAY_BACK = "no way back";

function wordsOf(view: PreviewView): string {
  const blocked = view.outcome === "blocked";
  switch (view.kind) {
    case "raise": {
      const score = gateScore(view);
      const door = view.irreversible ? `${NO_WAY_BACK}; ` : "";
      const weaker = blocked && view.weakenings.some(({ reason }) => reason === undefined);
      const step = view.flags.some(({ change }) => change === "lower") ? "step" : "raise";
      return blocked
        ? `${door}${step} blocked, ${score}${weaker ? ", and it is weaker than before" : ""}`
        : `${door}may be promoted, ${score}`;
    }
    case "refused":
      return "refused: something has to be mended first";
    case "lower":
      return blocked ? "lowering blocked" : "lowers flags; no gate is needed";
    case "restart":
      return blocked
        ? "blocked: the same flags, deployed anew"
        : "the same flags, deployed anew: the soak starts over";
    case "foundation":
      return blocked ? "the foundation is blocked" : "the foundation; no flag changes";
    default:
      return blocked ? "blocked; no flag changes" : "no flag changes";
  }
}

/** `7 of 11 gates pass`, of those that are looked at already. */
export function gateScore({ gates }: Pick<PreviewView, "gates">): string {
  const due = gates.filter(({ outcome }) => outcome !== "at-the-flip");
  const passed = due.filter(({ outcome }) => outcome === "pass").length;
  return passing(passed, due.length, "gate");
}
