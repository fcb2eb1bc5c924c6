const PREFIX = "cutover_gate_";

/** The role that a rollout's gates measure as. A server's roles are shared by its databases, so it tells the rollout. */
export function gateRoleOf(rollout: string): string {
  return `${PREFIX}${rollout.replaceAll("-", "_").toLowerCase()}`;
}

/** SQL, for `like`: the gate roles of all rollouts. */
export const GATE_ROLES = `${PREFIX.replaceAll("_", "\\_")}%`;
