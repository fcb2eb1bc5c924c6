import { isDeepStrictEqual } from "node:util";
import { doorsOfSchema } from "../flags/document";
import type { Ledger } from "../flags/ledger";
import { doorsThrough } from "../rollout/doors";
import { short } from "../text/command";
import { type Problem, reasonOf } from "../text/problem";
import { withStore } from "./flagStore";
import type { Situation } from "./sources";

/**
 * Doors that a promotion goes through, or is behind, and that the flag store does not know as config has them. Aborts of
 * other stages, and break-glass without stack files, know them from there alone.
 */
export async function unknownDoors(situation: Situation, { live }: Pick<Ledger, "live">): Promise<Problem[]> {
  const { rollout, stage } = situation;
  const through = doorsThrough(rollout, stage, live);
  if (through.length === 0) return [];
  const first = rollout.stages[0].name;
  let schema: string | undefined;
  try {
    schema = await withStore(situation, (store) => store.schema());
  } catch (error) {
    return [
      {
        where: "AppConfig",
        what: `does not tell the flag store's schema, which aborts learn from that there is no way back: ${reasonOf(error)}`,
        remedy: "Check the permissions and the network, then run pulumi up again",
      },
    ];
  }
  const known = doorsOfSchema(schema);
  return through
    .filter((door) => !known.some((one) => isDeepStrictEqual(one, door)))
    .map(({ stage: name }) => ({
      where: `stage ${name}`,
      what: "is irreversible, and the flag store does not know it as its config has it: aborts of other stages would go below its floor",
      remedy: `Bring the first stage up first: ${short.ofStack("up", first)}`,
    }));
}
