import { kindOf } from "../../gates/gate";
import type { Locate, Problem } from "../../text/problem";
import type { MessageMap } from "../config/messages";
import { namesRelease } from "../config/release";
import type { Stage } from "../rollout";

/** What is wrong with a stage's messages beyond each one's own shape. */
export function messageProblems(
  stage: Pick<Stage, "name" | "predecessor" | "exit"> & { readonly messages: MessageMap },
  locate: Locate,
): Problem[] {
  const at = (...path: string[]) => locate(stage.name, ["cutover:stage", "messages", ...path]);
  const rows = Object.entries(stage.messages);
  if (rows.length > 0 && stage.predecessor === undefined)
    return [
      {
        where: at(),
        what: "the first stage cannot have any: it is never promoted, so they would never be sent",
        remedy: "Move them to the stage that raises the flag",
      },
    ];
  const measured = Object.values(stage.exit).some((gate) => kindOf(gate).metric);
  const summing = rows
    .filter(([, { soakSummary }]) => soakSummary && !measured)
    .map(([row]) => ({
      where: at(row, "soakSummary"),
      what: "has nothing to sum up: none of the stage's exit gates has source: metric",
      remedy: "Leave it out, or declare exit gates on metrics",
    }));
  // Where the rollout declares one, it was filled in by now.
  const unreleased = rows.flatMap(([row, message]) =>
    (["title", "text"] as const)
      .filter((part) => namesRelease(message[part]))
      .map((part) => ({
        where: at(row, part),
        what: "names {release}, and the rollout declares none",
        remedy: "Add release: { version, date } to cutover:rollout, or take {release} out",
      })),
  );
  return [...summing, ...unreleased];
}
