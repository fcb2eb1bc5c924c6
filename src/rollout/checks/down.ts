import { type FlagSpecs, rank } from "../../flags/flags";
import { nearest } from "../../text/nearest";
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

/** What is wrong with how far down aborts go: where nothing is, where nothing goes down, or where it is said in two ways. */
export function downProblems(rows: Rows): Problem[] {
  const { stages, owner, config, locate } = rows;
  const inRollout = (...path: string[]) => locate(owner, ["cutover:rollout", ...path]);
  const all = [
    ...Object.entries(config.rollback).map(([id, step]): Down => {
      return { ...step, at: (...path) => inRollout("rollback", id, ...path) };
    }),
    ...stages.flatMap((stage) => downsOf(stage, rows)),
  ];
  const shared = DOWN_WORDS.includes(config.abortTo)
    ? []
    : [
        {
          where: inRollout("abortTo"),
          what: `is ${config.abortTo}, and every stage goes by it: those up to ${config.abortTo} would go nowhere`,
          remedy: `Write ${DOWN_WORDS.join(", ")}; a stage's name is for abortTo of the stages after it`,
        },
      ];
  const named = stages.filter(({ name }) => DOWN_WORDS.includes(name));
  return [
    ...shared,
    ...named.map(({ name }) => ({
      where: locate(name, ["cutover:stage"]),
      what: `cannot be called ${name}: to and abortTo mean something else by it`,
      remedy: "Rename the stack",
    })),
    ...all.flatMap((down) => [...toProblems(rows, down), ...flagProblems(rows, down)]),
  ];
}

function downsOf(stage: Stage, { locate }: Pick<Rows, "locate">): Down[] {
  const at =
    (...before: string[]) =>
    (...path: string[]) =>
      locate(stage.name, ["cutover:stage", ...before, ...path]);
  const { abortTo: to } = stage;
  return [
    ...(to === undefined ? [] : [{ to, stage, at: () => at()("abortTo") }]),
    ...(["abort", "rollback"] as const).flatMap((section) =>
      Object.entries(stage[section]).map(
        ([id, { to, flags }]): Down => ({ to, flags, stage, at: at(section, id) }),
      ),
    ),
  ];
}

function toProblems({ stages }: Rows, { to, stage, at }: Down): Problem[] {
  if (to === undefined) return [];
  if (to === "previous" && stage && stage.predecessor === undefined)
    return [
      {
        where: at("to"),
        what: "is previous, and there is no phase below the first stage",
        remedy: "Write off, or take it out",
      },
    ];
  if (DOWN_WORDS.includes(to)) return [];
  const known = stages.map(({ name }) => name);
  if (!known.includes(to)) {
    const near = nearest(to, [...known, ...DOWN_WORDS]).map((name) => `Did you mean ${name}? `);
    return [
      {
        where: at("to"),
        what: `names ${to}, which is no stage of this rollout`,
        remedy: `${near.join("")}Known stages: ${known.join(", ")}; or write ${DOWN_WORDS.join(", ")}`,
      },
    ];
  }
  const before = stage && stagesUpTo({ stages }, stage).filter((one) => one !== stage);
  if (!before || before.some(({ name }) => name === to)) return [];
  const names = before.map(({ name }) => name).join(", ");
  return [
    {
      where: at("to"),
      what: to === stage?.name ? "is the stage itself: nothing would go down" : `comes after ${stage?.name}`,
      remedy: `Name a stage before it${names === "" ? "" : ` (${names})`}, or write ${DOWN_WORDS.join(", ")}`,
    },
  ];
}

function flagProblems({ stages, config }: Rows, { to, flags, stage, at }: Down): Problem[] {
  if (!flags) return [];
  const specs: FlagSpecs = config.flags;
  const rollout = { ...config, stages };
  const where = at("flags");
  const way = downTo(config, stage ?? {}, { to });
  if (way === "previous")
    return [
      {
        where,
        what: "stands beside previous, which takes a whole phase down",
        remedy: "Write to: predecessor, off or a stage's name for these flags, or take flags out",
      },
    ];
  const unknown = flags.filter((flag) => !Object.hasOwn(specs, flag));
  if (unknown.length > 0)
    return [
      {
        where,
        what: `names ${unknown.join(", ")}, which is no flag of this rollout`,
        remedy: `Correct the name; known flags: ${Object.keys(specs).join(", ")}`,
      },
    ];
  if (flags.length === Object.keys(specs).length)
    return [{ where, what: "names every flag of the rollout", remedy: "Take it out: all of them go down" }];
  // A stage that nobody declares is told of where it is named.
  if (!DOWN_WORDS.includes(way) && !stageNamed({ stages }, way)) return [];
  const live = stages.filter((one) => !stage || stagesUpTo({ stages }, one).includes(stage));
  const idle = flags.filter((flag) => {
    const spec = specs[flag];
    const lowered = (one: Stage) =>
      spec &&
      rank(spec, one.flags[flag] ?? spec.off) >
        rank(spec, floorOf(rollout, stage ?? one, { to }, one)[flag] ?? spec.off);
    return !live.some(lowered);
  });
  return idle.map((flag) => ({
    where,
    what: `names ${flag}, which ${stage ? `is nowhere above ${way} from ${stage.name} on` : `no stage has above ${way}`}: it would not go down`,
    remedy: "Take it out, name the flag that is meant, or go further down with to",
  }));
}
