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

/** A map as a service writes it: half of them write lists of pairs. */
export interface MapForm {
  write(map: Tags): unknown;
  read(found: unknown): Tags;
}
export const pairsOf = <K extends string, V extends string>(key: K, value: V) => ({
  write: (map: Tags) =>
    Object.entries(map).map((entry) => ({ [key]: entry[0], [value]: entry[1] }) as Record<K | V, string>),
  read: (found: unknown): Tags =>
    Object.fromEntries(
      ((found ?? []) as Partial<Record<K | V, string>>[]).map((of) => [of[key] ?? "", of[value] ?? ""]),
    ),
});
export const pairs = pairsOf("Key", "Value");
export const asMap: MapForm = { write: (map) => map, read: (found) => (found ?? {}) as Tags };

export type AwsTagging = Tagging<Aws>;
