import { type Gate, type GateDefinition, kindOf } from "../gates/gate";
import type { Check } from "../gates/smokeCheck";
import { type Problem, showProblem, UserError } from "../text/problem";
import { loadOwn } from "./ownModule";
import type { Rollout } from "./rollout";

/** A gate, as far as it says whose code looks. */
type ByCode = Pick<Gate, "id"> & { readonly definition: GateDefinition };

/** The name that TypeScript exports a check by: `sunset-is-ahead` is `sunsetIsAhead`. */
export function exportOf(check: string): string {
  return check.replaceAll(/[^A-Za-z0-9]+([A-Za-z0-9]?)/g, (_, letter: string) => letter.toUpperCase());
}

/**
 * The checks that a rollout's gates name, by those names. The file that holds them, `checks.ts` in the folder of the
 * stack files, is loaded when the first of them runs: whoever only lowers flags, or looks, depends on nothing in it.
 * One that is not there throws a `UserError` then.
 *
 * @param folder the folder of the stack files
 */
export function ownChecks(rollout: Pick<Rollout, "stages">, folder: string): Readonly<Record<string, Check>> {
  const names = new Set(gatesByCode(rollout).flatMap((gate) => nameOf(gate) ?? []));
  return Object.fromEntries(
    [...names].map((name): [string, Check] => [
      name,
      async (context) => {
        const exported = checkIn(await loadOwn(folder, "checks"), name);
        if (typeof exported === "function") return (exported as Check)(context);
        throw new Error(`checks.ts ${exported.what}. ${exported.remedy}`);
      },
    ]),
  );
}

/** Every gate of a rollout, with its row, at which the rollout's own code looks. */
export function gatesByCode({ stages }: Pick<Rollout, "stages">): ByCode[] {
  return stages
    .flatMap(({ entry, exit, smoke }) => [entry, exit, smoke].flatMap((gates) => Object.entries(gates)))
    .map(([id, definition]) => ({ id, definition }))
    .filter((gate) => nameOf(gate) !== undefined);
}

/**
 * Why checks of some gates cannot run: there is no `checks.ts`, it cannot be loaded, or it does not export them. Looks
 * at nothing where none of the gates is one at which the rollout's own code looks.
 *
 * @param folder the folder of the stack files
 */
export async function missingChecks(gates: readonly ByCode[], folder: string): Promise<Problem[]> {
  const asked = gates.flatMap((gate) => {
    const name = nameOf(gate);
    return name === undefined ? [] : [{ id: gate.id, name }];
  });
  if (asked.length === 0) return [];
  try {
    const exported = await loadOwn(folder, "checks");
    return asked.flatMap(({ id, name }) => {
      const check = checkIn(exported, name);
      return typeof check === "function" ? [] : [{ where: id, ...check }];
    });
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    const where = [...new Set(asked.map(({ id }) => id))].join(", ");
    return error.problems.map((problem) => ({
      where,
      what: `its code cannot be used: ${showProblem({ ...problem, remedy: "" }).replace(/\. $/, "")}`,
      remedy: problem.remedy,
    }));
  }
}

function nameOf({ definition }: ByCode): string | undefined {
  return kindOf(definition).byCode?.(definition);
}

/** One check of a module, or why it has none: a problem without its place. */
function checkIn(
  exported: Readonly<Record<string, unknown>> | undefined,
  name: string,
): ((context: never) => unknown) | Omit<Problem, "where"> {
  const declared = exportOf(name);
  const remedy = `Write there: export const ${declared}: Check = async (context) => { … }`;
  if (exported === undefined) return { what: "is not there beside the stack files", remedy };
  const own = (key: string) => (Object.hasOwn(exported, key) ? exported[key] : undefined);
  const check = own(name) ?? own(declared);
  if (typeof check === "function") return check as (context: never) => unknown;
  const there = Object.keys(exported).filter((key) => key !== "default" && key !== "__esModule");
  const what =
    check === undefined
      ? `does not export ${declared}; it exports ${there.join(", ") || "nothing"}`
      : `exports ${declared}, which is no function`;
  return { what, remedy };
}
