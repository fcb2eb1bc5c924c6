import * as z from "zod";
import type { Inputs } from "../../plugin/spec";
import type { Row, Tagging, Tags } from "../../plugin/table";
import type { Aws } from "./session";

/** A row of the aws table; the function only lets the checker infer its inputs. */
export const row = <S extends Inputs>(row: Row<Aws, S>): Row<Aws, S> => row;

/** Inputs that every regional resource has. */
export const regional = {
  region: z.string().optional().meta({ computed: true, replaces: true, api: false }),
};
export const tags = z.record(z.string(), z.string()).optional().meta({ api: false });
export const tagged = { ...regional, tags };

/** Text of a person, which may be taken away again. */
export const description = () => z.string().optional().meta({ told: true, clear: "" });
/** An optional text whose absence in an answer means that there is none. */
export const told = () => z.string().optional().meta({ told: true });
/** A text that makes a new resource when it changes. */
export const fixed = () => z.string().meta({ replaces: true });

/** Half of the services take tags as a list of pairs. */
export const pairs = (tags: Tags) => Object.entries(tags).map(([Key, Value]) => ({ Key, Value }));
export const fromPairs = (
  list: ReadonlyArray<{ Key?: string | undefined; Value?: string | undefined }> | undefined,
): Tags => Object.fromEntries((list ?? []).map(({ Key = "", Value = "" }) => [Key, Value]));

export type AwsTagging = Tagging<Aws>;
