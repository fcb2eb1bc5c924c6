import { join } from "node:path";
import { describe, test } from "vitest";
import { loadRollout } from "../../src/rollout/load";
import { BEHAVIOURS, foldersOf } from "./table";

const noDatabase = {
  database: () => Promise.reject(new Error("a behaviour without sql: true asks for a database")),
};

describe.each(Object.entries(foldersOf()))("%s, as it is shipped", (name, folder) => {
  const rollout = loadRollout(join(__dirname, "..", "..", folder));
  const own = BEHAVIOURS.filter((one) => one.rollout === name && !one.sql);

  test.each(own.map((one) => [one.title, one] as const))("%s", async (_, behaviour) => {
    await behaviour.run(rollout, noDatabase);
  });
});
