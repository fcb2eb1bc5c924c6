import { changes, type FlagSpecs } from "../../flags/flags";
import { alike } from "../../gates/strength";
import { stagesUpTo } from "../rollout";
import type { Definitions, Section, StageDefinitions } from "./definitions";
import { COMPARE } from "./ofRows";

/** How many of the missing are listed by name. */
const LISTED = 6;

/**
 * What stages that were put in before an existing one go without, in words; nothing where they ask for all that it asked
 * for. The first of them alone is promoted from where the existing one was: exit gates, soak and alarms of that stage
 * are never asked for again. And whoever raises flags needs what was there to bring these flags down.
 */
export function lackOf(
  { was, now }: { readonly was: Definitions; readonly now: Definitions },
  before: StageDefinitions,
  between: readonly StageDefinitions[],
): string | undefined {
  for (const [index, stage] of between.entries()) {
    const line = stagesUpTo(now, stage);
    // A flag that was not there before was held to nothing.
    if (raises(was, before, stage)) return `${stage.name} raises flags further than ${before.name} did`;
    const raised = raises(now, line.at(-2), stage);
    const missing = [
      ...(index === 0 ? lacks(before, "entry", [stage]) : []),
      ...(raised ? [...lacks(before, "smoke", [stage]), ...lacks(before, "abort", line)] : []),
      ...(writes(now, line.at(-2), stage) && !alike(before.rest.snapshot, stage.rest.snapshot)
        ? ["its snapshot"]
        : []),
    ];
    if (missing.length > 0)
      return `${stage.name} is promoted without what ${before.name} is held to: ${listed(missing)}`;
  }
  return undefined;
}

/** Ids of the rows that none of `stages` has, neither as it was nor stronger, under whatever id. */
function lacks(before: StageDefinitions, part: Section, stages: readonly StageDefinitions[]): string[] {
  const there = stages.flatMap(({ rows }) => Object.values(rows[part]));
  return Object.entries(before.rows[part]).flatMap(([id, row]) =>
    there.some((one) => COMPARE[part](row, one).every(({ strength }) => strength === "stronger")) ? [] : [id],
  );
}

function listed(missing: readonly string[]): string {
  const more = missing.length - LISTED;
  return `${missing.slice(0, LISTED).join(", ")}${more > 0 ? ` and ${more} more` : ""}`;
}

function raised({ flags }: Definitions, from: StageDefinitions | undefined, to: StageDefinitions): string[] {
  return changes(flags as unknown as FlagSpecs, from?.flags ?? {}, to.flags).flatMap(({ flag, direction }) =>
    direction === "raise" ? [flag] : [],
  );
}

function raises(...asked: Parameters<typeof raised>): boolean {
  return raised(...asked).length > 0;
}

function writes(all: Definitions, from: StageDefinitions | undefined, to: StageDefinitions): boolean {
  return raised(all, from, to).some((flag) => all.flags[flag]?.writes === true);
}
