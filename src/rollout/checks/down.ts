import { changes, type FlagSpecs, lowerTo } from "../../flags/flags";
import { meant } from "../../text/nearest";
import type { Problem } from "../../text/problem";
import { type AbortTo, DOWN_WORDS } from "../config/rowConfig";
import { downTo, floorOf, type Stage, stageNamed, stagesUpTo } from "../rollout";
import type { Rows } from "./ids";

/** What says how far down something goes, and where it stands. */
interface Down {
  readonly to?: AbortTo | undefined;
  readonly flags?: readonly string[] | undefined;
  readonly at: (...path: string[]) => string;
  /** Absent where it is the rollout's own. */
  readonly stage?: Stage | undefined;
}

type Wrong = Omit<Problem, "where">;
const WORDS = DOWN_WORDS.join(", ");

/** What is wrong with how far down aborts go: where nothing is, where nothing goes down, or where it is said in two ways. */
export function downProblems(rows: Rows): Problem[] {
  const { stages, owner, config, locate } = rows;
  const named = stages.flatMap(({ name }): Problem[] => {
    if (!DOWN_WORDS.includes(name)) return [];
    const what = `cannot be called ${name}: to and abortTo mean something else by it`;
    return [{ where: locate(name, ["cutover:stage"]), what, remedy: "Rename the stack" }];
  });
  const shared: Problem = {
    where: locate(owner, ["cutover:rollout", "abortTo"]),
    what: `is ${config.abortTo}, and every stage goes by it: those up to ${config.abortTo} would go nowhere`,
    remedy: `Write ${WORDS}; a stage's name is for abortTo of the stages after it`,
  };
  return [
    ...named,
    ...(DOWN_WORDS.includes(config.abortTo) ? [] : [shared]),
    ...downsOf(rows).flatMap((down) => [
      ...(wrongTo(rows, down) ?? nowhereDown(rows, down) ?? []).map((wrong) => ({
        where: down.at("to"),
        ...wrong,
      })),
      ...(wrongFlags(rows, down) ?? []).map((wrong) => ({ where: down.at("flags"), ...wrong })),
    ]),
  ];
}

function downsOf({ stages, owner, config, locate }: Rows): Down[] {
  const ways = Object.entries(config.rollback).map(([id, step]): Down => {
    return { ...step, at: (...path) => locate(owner, ["cutover:rollout", "rollback", id, ...path]) };
  });
  const own = stages.flatMap((stage): Down[] => [
    { to: stage.abortTo, stage, at: () => locate(stage.name, ["cutover:stage", "abortTo"]) },
    ...(["abort", "rollback"] as const).flatMap((section) =>
      Object.entries(stage[section]).map(([id, { to, flags }]): Down => {
        const at: Down["at"] = (...path) => locate(stage.name, ["cutover:stage", section, id, ...path]);
        return { to, flags, stage, at };
      }),
    ),
  ]);
  return [...ways, ...own];
}

function wrongTo({ stages }: Rows, { to, stage }: Down): Wrong[] | undefined {
  if ((to === "previous" || to === "predecessor") && stage && stage.predecessor === undefined) {
    const what = `is ${to}, and there is no phase below the first stage`;
    return [{ what, remedy: "Write off, or take it out" }];
  }
  if (to === undefined || DOWN_WORDS.includes(to)) return undefined;
  const known = stages.map(({ name }) => name);
  if (!known.includes(to)) {
    const remedy = meant(
      to,
      [...known, ...DOWN_WORDS],
      `Known stages: ${known.join(", ")}; or write ${WORDS}`,
    );
    return [{ what: `names ${to}, which is no stage of this rollout`, remedy }];
  }
  const before = stagesUpTo({ stages }, stage).flatMap(({ name }) => (name === stage?.name ? [] : [name]));
  if (!stage && !stages.some(({ predecessor }) => predecessor === to))
    return [
      {
        what: "is the last stage: nothing comes after it that could go down",
        remedy: "Name a stage before it",
      },
    ];
  if (!stage || before.includes(to)) return undefined;
  const what = to === stage.name ? "is the stage itself: nothing would go down" : `comes after ${stage.name}`;
  return [{ what, remedy: `Name a stage before it (${before.join(", ") || "none"}), or write ${WORDS}` }];
}

function wrongFlags({ stages, config }: Rows, { to, flags, stage }: Down): Wrong[] | undefined {
  if (!flags) return undefined;
  const specs: FlagSpecs = config.flags;
  const way = downTo(config, stage ?? {}, { to });
  if (way === "previous") {
    const what = "stands beside previous, which takes a whole phase down";
    return [
      { what, remedy: "Write to: predecessor, off or a stage's name for these flags, or take flags out" },
    ];
  }
  const unknown = flags.filter((flag) => !Object.hasOwn(specs, flag));
  if (unknown.length > 0) {
    const remedy = `Correct the name; known flags: ${Object.keys(specs).join(", ")}`;
    return [{ what: `names ${unknown.join(", ")}, which is no flag of this rollout`, remedy }];
  }
  if (flags.length === Object.keys(specs).length)
    return [{ what: "names every flag of the rollout", remedy: "Take it out: all of them go down" }];
  // A stage that nobody declares is told of where it is named.
  if (!DOWN_WORDS.includes(way) && !stageNamed({ stages }, way)) return undefined;
  const down = comesDown({ stages, config }, { to, stage });
  return flags
    .filter((flag) => !down.includes(flag))
    .map((flag) => ({
      what: `names ${flag}, which is nowhere above ${way}${stage ? ` from ${stage.name} on` : ""}: it would not go down`,
      remedy: "Take it out, name the flag that is meant, or go further down with to",
    }));
}

/** The flags that come down from a stage that something is in force in. */
export function comesDown(
  { stages, config }: Pick<Rows, "stages" | "config">,
  { to, flags, stage }: Omit<Down, "at">,
): string[] {
  const { flags: specs } = config;
  const inForce = stages.filter((one) => !stage || stagesUpTo({ stages }, one).includes(stage));
  return inForce.flatMap((live) => {
    const floor = floorOf({ ...config, stages }, stage ?? live, { to, flags }, live);
    return changes(specs, live.flags, lowerTo(specs, live.flags, floor)).map(({ flag }) => flag);
  });
}

/** What is said to go down as far as a stage that has nothing less than any stage it is in force in. */
function nowhereDown(rows: Rows, down: Down): Wrong[] | undefined {
  const { to, flags, stage } = down;
  if (to === undefined || flags || DOWN_WORDS.includes(to) || comesDown(rows, down).length > 0)
    return undefined;
  const what = `would lower nothing${stage ? `: ${to} has no flag lower than ${stage.name}, or a stage after it` : ""}`;
  return [{ what, remedy: `Name a stage with less, or write ${WORDS}` }];
}
