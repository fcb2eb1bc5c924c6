import { z } from "zod";
import type { Verdict } from "../src/gates/judge";
import { addressed, type Place } from "../src/text/command";

/** A gate and how it came out, as every command tells it that prints JSON. */
export const gateView = z.strictObject({
  id: z.string(),
  title: z.string(),
  outcome: z.enum(["pass", "fail", "inconclusive", "not-run"]),
  observed: z.string(),
  required: z.string(),
  remedy: z.string(),
  earliest: z.iso.datetime().optional(),
});

export type GateView = z.infer<typeof gateView>;

/** A verdict as such, with its commands as they are typed from where the reader stands. */
export function gateViewOf({ gate, ...rest }: Verdict, place: Place): GateView {
  return { id: gate, ...rest, remedy: addressed(rest.remedy, place) };
}
