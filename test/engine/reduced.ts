import { readFile, writeFile } from "node:fs/promises";
import { isMap, parseDocument } from "yaml";

const ROLLOUT_KEYS = ["name", "title", "flags", "parameters", "database", "topics"];
const STAGE_KEYS = ["title", "predecessor", "attempt", "flags", "soak", "abort", "snapshot", "entry"];
const ROWS = ["A1", "A3", "A4", "B2", "B4"];

/** A stack's file without all that needs servers, traffic and people: what is left is SQL gates and soaks. */
export async function reduce(file: string, abortSwitch: boolean): Promise<void> {
  const document = parseDocument(await readFile(file, "utf8"));
  const keep = (path: string[], keys: readonly string[]) => {
    const map = document.getIn(["config", ...path]);
    if (!isMap(map)) return;
    for (const key of map.items.map((item) => String(item.key)))
      if (!keys.includes(key)) document.deleteIn(["config", ...path, key]);
  };
  keep(["cutover:rollout"], ROLLOUT_KEYS);
  keep(["cutover:stage"], STAGE_KEYS);
  keep(["cutover:stage", "entry"], ROWS);
  const abort = document.getIn(["config", "cutover:stage", "abort"]);
  for (const row of isMap(abort) ? abort.items.map((item) => String(item.key)) : []) {
    const path = ["config", "cutover:stage", "abort", row];
    // No app publishes anything after a flip.
    document.deleteIn([...path, "silentUntilFlip"]);
    if (document.hasIn([...path, "probe"]) || document.hasIn([...path, "reconcile"])) document.deleteIn(path);
    else if (!abortSwitch) document.setIn([...path, "action"], "page");
  }
  if (document.hasIn(["config", "cutover:rollout"]))
    document.setIn(
      ["config", "cutover:rollout", "database", "reads"],
      ["schema_migrations", "patches", "user_workspace_roles"],
    );
  await writeFile(file, document.toString());
}
