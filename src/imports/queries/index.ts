import type { ImportsConfig } from "../../rollout/config/imports";
import { durationsQuery } from "./durations";
import { endedImports } from "./endedImports";
import { errorPatternsQuery } from "./errorPatterns";
import type { ImportsFunction, QueryFunction } from "./query";
import { sourceOf } from "./source";
import { stuckImportsQuery } from "./stuckImports";
import { successRateQuery } from "./successRate";
import { timelineQuery } from "./timeline";
import { versionsQuery } from "./versions";

/**
 * The functions Q1 to Q6 over the mapped table. Pure: the same mapping makes the same text.
 *
 * @param schema the schema that holds the table
 */
export function queryFunctions(mapping: ImportsConfig, schema: string): readonly QueryFunction[] {
  const source = sourceOf(mapping, schema);
  return [
    successRateQuery(source),
    stuckImportsQuery(source),
    durationsQuery(source),
    errorPatternsQuery(source),
    versionsQuery(source),
    timelineQuery(source),
  ];
}

/** All that is declared over the mapped table: Q1 to Q6, which people ask, and what alarms ask beside them. */
export function importsFunctions(mapping: ImportsConfig, schema: string): readonly ImportsFunction[] {
  return [...queryFunctions(mapping, schema), endedImports(sourceOf(mapping, schema))];
}
