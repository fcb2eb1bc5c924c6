import { map, type Specs, text } from "../../plugin/spec";
import type { Row, Tagging, Tags } from "../../plugin/table";
import type { Aws } from "./session";

/** A row of the aws table; the function only lets the checker infer its inputs. */
export const row = <S extends Specs>(row: Row<Aws, S>): Row<Aws, S> => row;

/** Inputs that every regional resource has. */
export const regional = { region: text().computed().replaces() };
export const tagged = { ...regional, tags: map(text()) };

/** Half of the services take tags as a list of pairs. */
export const pairs = (tags: Tags) => Object.entries(tags).map(([Key, Value]) => ({ Key, Value }));
export const fromPairs = (
  list: ReadonlyArray<{ Key?: string | undefined; Value?: string | undefined }> | undefined,
): Tags => Object.fromEntries((list ?? []).map(({ Key = "", Value = "" }) => [Key, Value]));

export type AwsTagging = Tagging<Aws>;
