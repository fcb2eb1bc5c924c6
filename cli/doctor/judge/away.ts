import type { Gate } from "../../../src/gates/gate";
import type { Observation } from "../../../src/gates/observation";
import type { Rollout } from "../../../src/rollout/rollout";
import { short } from "../../../src/text/command";
import type { Locate } from "../../../src/text/problem";
import { type Finding, finder } from "../finding";

const { ok, fault, later } = finder("Network");

type Seen = Observation["seen"];

/** What the measuring function saw. */
export type AwayFacts =
  /** The first stage's `up` makes it. */
  | { readonly kind: "later" }
  | { readonly kind: "silent"; readonly why: string }
  | {
      readonly kind: "answers";
      readonly seen: ReadonlyMap<Gate, Seen>;
      /** Absent where the rollout declares no servers. */
      readonly servers?: Seen | undefined;
    };

/** Whether the function that looks from within the VPC answers. Nothing where the rollout declares none. Pure. */
export function judgeMeasuring(rollout: Rollout, away: AwayFacts | undefined, locate: Locate): Finding[] {
  if (!away) return [];
  const name = "measuring function";
  const first = rollout.stages[0].name;
  const up = short.ofStack("up", first);
  const where = { where: locate(first, ["cutover:rollout", "measure"]) };
  switch (away.kind) {
    case "later":
      return [later(name, `made by the first ${up}`, where)];
    case "silent":
      return [
        fault(
          name,
          `gives no answer that counts: ${away.why}. What lies in the VPC was not looked at`,
          "Do as it says, then run doctor again",
          where,
        ),
      ];
    case "answers":
      return [ok(name, "answers, and looked at what lies in the VPC")];
  }
}
