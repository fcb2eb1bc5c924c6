import { rolesOfSource } from "../gates/elsewhere/source";
import { type Gate, rolesOf } from "../gates/gate";
import { type Service, usable } from "../gates/service";
import type { Rollout, Stage } from "../rollout/rollout";
import type { Problem } from "../text/problem";

/**
 * Why smoke checks could not ask as the roles that they name. Found before anything is touched: after the flip, a token
 * that nobody set would take a healthy stage down.
 *
 * @param checks the smoke checks of the stage whose flags would go up
 */
export function missingTokens(
  checks: readonly Gate[],
  tokens: Service["tokens"],
  sources?: Rollout["sources"],
): Problem[] {
  return missing(
    checks.map(({ id, definition }) => [id, sentBy(definition, sources)]),
    tokens,
  );
}

/** The same of the abort rows that named sources answer: a probe without its token measures nothing. */
export function missingRowTokens(
  { abort }: Pick<Stage, "abort">,
  tokens: Service["tokens"],
  sources: Rollout["sources"] = {},
): Problem[] {
  return missing(
    Object.entries(abort).map(([id, { elsewhere }]) => [
      id,
      elsewhere ? rolesOfSource(sources[elsewhere.from]) : [],
    ]),
    tokens,
  );
}

function missing(
  asked: readonly (readonly [id: string, roles: readonly string[]])[],
  tokens: Service["tokens"],
) {
  const rows = new Map<string, Set<string>>();
  for (const [id, roles] of asked)
    for (const role of roles) rows.set(role, (rows.get(role) ?? new Set()).add(id));
  return [...rows].flatMap(([role, ids]): Problem[] => {
    const token = usable(tokens, role);
    return token.ok ? [] : [{ where: [...ids].join(", "), what: token.why, remedy: token.remedy }];
  });
}

/** Which roles' tokens code sends is not known before it does. */
function sentBy(definition: Gate["definition"], sources: Rollout["sources"]): readonly string[] {
  const roles = rolesOf(definition, sources);
  return roles === "any" ? [] : roles;
}
