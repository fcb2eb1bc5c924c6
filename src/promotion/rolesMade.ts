import type { Settings } from "./settings";
import { readResources } from "./stackState";

const ROLE = "postgresql:index/role:Role";

/**
 * The names of the database roles that this stack has made, as its state has them: also what a run that failed has left.
 * Undefined where the state cannot be read; whose a role is cannot be told then.
 */
export async function rolesMade(settings: Settings): Promise<readonly string[] | undefined> {
  const held = await readResources(settings, settings.stack).catch(() => undefined);
  return (
    held &&
    Object.values(held)
      .filter(({ type }) => type === ROLE)
      .map(({ outputs }) => String(outputs.name))
  );
}
