import { type Gate, kindOf } from "../gates/gate";
import { type Service, usable } from "../gates/service";
import type { Problem } from "../text/problem";

/**
 * Why smoke checks could not ask as the roles that they name. Found before anything is touched: after the flip, a token
 * that nobody set would take a healthy stage down.
 *
 * @param checks the smoke checks of the stage whose flags would go up
 */
export function missingTokens(checks: readonly Gate[], tokens: Service["tokens"]): Problem[] {
  const rows = new Map<string, Set<string>>();
  for (const { id, definition } of checks)
    for (const role of rolesOf(definition)) rows.set(role, (rows.get(role) ?? new Set()).add(id));
  return [...rows].flatMap(([role, ids]) => {
    const token = usable(tokens, role);
    return token.ok ? [] : [{ where: [...ids].join(", "), what: token.why, remedy: token.remedy }];
  });
}

/** Which roles' tokens code sends is not known before it does. */
function rolesOf(definition: Gate["definition"]): readonly string[] {
  const roles = kindOf(definition).roles?.(definition) ?? [];
  return roles === "any" ? [] : roles;
}
