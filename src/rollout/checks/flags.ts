import {
  entry,
  type FlagSpec,
  fits,
  fitting,
  type Requirement,
  rank,
  requiredFlag,
  requiredValue,
} from "../../flags/flags";
import type { Locate, Problem } from "../../text/problem";
import { show } from "../config/problems";
import type { Rollout } from "../rollout";

/** What is wrong with the flags that a rollout declares: their off values, and what they require. */
export function flagProblems(stack: string, specs: Rollout["flags"], locate: Locate): Problem[] {
  return Object.entries(specs).flatMap(([flag, spec]): Problem[] => {
    const where = locate(stack, ["cutover:rollout", "flags", flag]);
    const found: Problem[] = [];
    if (!fits(spec, spec.off))
      found.push({
        where,
        what: `off must be ${fitting(spec).what}, got ${show(spec.off)}`,
        remedy: `Write off: ${spec.kind === "boolean" ? false : (spec.states?.[0] ?? 0)}`,
      });
    // From a value in between, both ways would lead up, and a change across it would be neither up nor down.
    else if (typeof spec.off === "number" && spec.off !== 0 && spec.off !== 100)
      found.push({ where, what: `off must be 0 or 100, got ${spec.off}`, remedy: "Write off: 0" });
    for (const requirement of spec.requires) {
      const needed = requiredFlag(requirement);
      const other = entry(specs, needed);
      if (!other)
        found.push({
          where,
          what: `requires ${needed}, which is not declared`,
          remedy: `Declare it, or correct the name; known flags: ${Object.keys(specs).join(", ")}`,
        });
      else found.push(...unmeetable(other, requirement).map((one) => ({ where, ...one })));
    }
    const { states = [] } = spec;
    for (const [one, other] of alike(states))
      found.push(
        one === other
          ? { where, what: `states has ${one} twice`, remedy: "Name each once, in their order" }
          : {
              where,
              what: `states has ${one} and ${other}, which differ by case alone`,
              remedy: "Call one of them otherwise",
            },
      );
    for (const [needed] of alike(spec.requires.map(requiredFlag)).filter(([one, other]) => one === other))
      found.push({
        where,
        what: `requires ${needed} twice`,
        remedy: "Say it once: at the highest that the flag needs, on one side of off",
      });
    for (const [one] of alike(Object.keys(specs)).filter(([, other]) => other === flag))
      found.push({ where, what: `differs from ${one} by case alone`, remedy: "Call one of them otherwise" });
    if (requiresItself(specs, flag))
      found.push({
        where,
        what: "requires itself, directly or through others",
        remedy: "Break the circle: a flag may only require flags that can be raised before it",
      });
    return found;
  });
}

/** What somebody who reads aloud calls by one name: each with the first of that name. */
function alike(names: readonly string[]): [string, string][] {
  const lower = names.map((name) => name.toLowerCase());
  return names.flatMap((name, index): [string, string][] => {
    const first = lower.indexOf(name.toLowerCase());
    return first < index ? [[names[first] as string, name]] : [];
  });
}

/** A value that a flag cannot have. */
export function unfit(spec: FlagSpec, value: unknown, where: string): Problem {
  const { what, remedy } = fitting(spec);
  return { where, what: `must be ${what}, got ${show(value)}`, remedy };
}

/** A share or a state that the required flag never has, or that asks nothing of it. */
function unmeetable(spec: FlagSpec, requirement: Requirement): Omit<Problem, "where">[] {
  const wanted = requiredValue(spec, requirement);
  if (typeof requirement === "string" || wanted === undefined) return [];
  if (fits(spec, wanted) && rank(spec, wanted) > 0) return [];
  const { flag, atLeast } = requirement;
  const on = spec.states?.filter((state) => state !== spec.off).join(", ") ?? "a number above 0";
  return [
    {
      what: `requires ${flag} at ${atLeast} or more, but that is ${wanted === spec.off ? "where it is off" : fitting(spec).what}`,
      remedy: `Write ${spec.kind === "boolean" ? `requires: [${flag}]` : `atLeast: ${spec.states ? "one of " : ""}${on}`}`,
    },
  ];
}

function requiresItself(specs: Rollout["flags"], flag: string): boolean {
  const visited = new Set<string>();
  const queue = (specs[flag]?.requires ?? []).map(requiredFlag);
  for (let next = queue.pop(); next !== undefined; next = queue.pop()) {
    if (next === flag) return true;
    if (visited.has(next)) continue;
    visited.add(next);
    queue.push(...(specs[next]?.requires ?? []).map(requiredFlag));
  }
  return false;
}
