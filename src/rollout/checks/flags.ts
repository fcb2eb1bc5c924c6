import { fits, requiredFlag } from "../../flags/flags";
import type { Locate, Problem } from "../../text/problem";
import type { Rollout } from "../rollout";

/** What is wrong with the flags that a rollout declares: their off values, and what they require. */
export function flagProblems(stack: string, specs: Rollout["flags"], locate: Locate): Problem[] {
  return Object.entries(specs).flatMap(([flag, spec]): Problem[] => {
    const where = locate(stack, ["cutover:rollout", "flags", flag]);
    const found: Problem[] = [];
    if (!fits(spec, spec.off))
      found.push({
        where,
        what: `off must be a ${spec.kind}, got ${spec.off}`,
        remedy: spec.kind === "boolean" ? "Write off: false" : "Write off: 0",
      });
    // From a value in between, both ways would lead up, and a change across it would be neither up nor down.
    else if (typeof spec.off === "number" && spec.off !== 0 && spec.off !== 100)
      found.push({ where, what: `off must be 0 or 100, got ${spec.off}`, remedy: "Write off: 0" });
    for (const requirement of spec.requires) {
      const needed = requiredFlag(requirement);
      const other = Object.hasOwn(specs, needed) ? specs[needed] : undefined;
      if (!other)
        found.push({
          where,
          what: `requires ${needed}, which is not declared`,
          remedy: `Declare it, or correct the name; known flags: ${Object.keys(specs).join(", ")}`,
        });
      else if (typeof requirement !== "string" && other.kind !== "percentage")
        found.push({
          where,
          what: `requires ${needed} at ${requirement.atLeast} or more, but that is a boolean`,
          remedy: `Write requires: [${needed}]`,
        });
    }
    if (requiresItself(specs, flag))
      found.push({
        where,
        what: "requires itself, directly or through others",
        remedy: "Break the circle: a flag may only require flags that can be raised before it",
      });
    return found;
  });
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
