import { z } from "zod";
import { nearest } from "../../../src/text/nearest";
import { FaultSwitch } from "../../demo/service/faults";
import type { FaultsHeard } from "../../demo/service/run";
import type { AskingRow } from "./serviceRows";

/** What a stand-in is told to do wrong. */
export interface StandInFaults {
  /** Rows (`stageA.SA2`) whose requests are answered with what they do not ask for. */
  readonly wrong?: readonly string[] | undefined;
  /** Rows whose requests are answered later than they ask for. */
  readonly slow?: readonly string[] | undefined;
  /** `stale`: flags are told as all off, and no drill; `missing`: none are told. */
  readonly flags?: "stale" | "missing" | undefined;
}

/** The same with nothing left out. */
export interface Faulty {
  readonly wrong: string[];
  readonly slow: string[];
  readonly flags?: "stale" | "missing" | undefined;
}

const rowsOf = (names: readonly string[], what: string) =>
  z
    .array(
      z.string().superRefine((name, context) => {
        if (names.includes(name)) return;
        const near = nearest(name, names).map((one) => ` Did you mean ${one}?`);
        context.addIssue({
          code: "custom",
          message: `${name} is no row that ${what}.${near.join("")} There are: ${names.join(", ") || "none"}`,
        });
      }),
    )
    .default([]);

/** The faults of one server; names of rows that a fault cannot turn are refused. */
export function faultSwitch(
  rows: readonly AskingRow[],
  initial: unknown,
  heard?: FaultsHeard,
): FaultSwitch<Faulty> {
  const names = rows.map(({ row }) => row);
  const timed = rows.filter(({ steps }) => steps.some(({ within }) => within !== undefined));
  const schema: z.ZodType<Faulty> = z.strictObject({
    wrong: rowsOf(names, "asks the service"),
    slow: rowsOf(
      timed.map(({ row }) => row),
      "asks for an answer within a time",
    ),
    flags: z.enum(["stale", "missing"]).optional(),
  });
  return new FaultSwitch(schema, initial, heard);
}
