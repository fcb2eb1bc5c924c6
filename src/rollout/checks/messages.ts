import type { GateDefinition } from "../../gates/gate";
import type { Locate, Problem } from "../../text/problem";
import type { MessageMap } from "../config/messages";
import { namesRelease } from "../config/release";
import type { Stage } from "../rollout";

/**
 * What is wrong with a stage's messages beyond each one's own shape.
 *
 * @param imports whether the rollout maps a table of imports
 * @param last whether no stage follows it
 */
export function messageProblems(
  stage: Pick<Stage, "name" | "predecessor" | "exit"> & { readonly messages: MessageMap },
  locate: Locate,
  { imports = false, last = true }: { readonly imports?: boolean; readonly last?: boolean } = {},
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
  const exit = Object.entries<GateDefinition>(stage.exit);
  const summing = rows
    .filter(([, { soakSummary }]) => soakSummary && exit.length === 0)
    .map(([row]) => ({
      where: at(row, "soakSummary"),
      what: "has nothing to sum up: the stage has no exit gate",
      remedy: "Leave it out, or declare exit gates",
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
  const never = rows
    .filter(([, { when }]) => when === "finish" && (!last || exit.length === 0))
    .map(([row]) => ({
      where: at(row, "when"),
      what: last
        ? "waits for the finish, which needs exit gates, and the stage has none"
        : "is finish, and another stage follows this one: a rollout is finished in its last stage",
      remedy: last
        ? "Declare exit gates"
        : "Move it to the last stage, or send it after a time: { after: 24h }",
    }));
  const unasked = rows
    .filter(([, { queries }]) => queries !== undefined && !imports)
    .map(([row]) => ({
      where: at(row, "queries"),
      what: "asks about imports, and the rollout maps no table of them",
      remedy: "Add imports: to database: in cutover:rollout, or leave queries out",
    }));
  return [...summing, ...never, ...unreleased, ...unasked];
}
