import { join } from "node:path";
import { describe, test } from "vitest";
import { loadRollout } from "../../src/rollout/load";
import { BEHAVIOURS, foldersOf } from "./table";

const noDatabase = {
  database: () => Promise.reject(new Error("a behaviour without sql: true asks for a database")),
};

/** Courses of a week are made and read: seconds, and on a busy machine more. */
const PATIENCE_MS = 180_000;

describe.each(Object.entries(foldersOf()))("%s, as it is shipped", (name, folder) => {
  const rollout = loadRollout(join(__dirname, "..", "..", folder));
  const own = BEHAVIOURS.filter((one) => one.rollout === name && !one.sql);

  test.each(own.map((one) => [one.title, one] as const))(
    "%s",
    { timeout: PATIENCE_MS },
    async (_, behaviour) => {
      await behaviour.run(rollout, noDatabase);
    },
  );
});
