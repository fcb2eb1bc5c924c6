import { join } from "node:path";
import { afterAll, describe, test } from "vitest";
import { loadRollout } from "../../src/rollout/load";
import type { Tools } from "./behaviour";
import { BEHAVIOURS, foldersOf } from "./table";
import { type Database, openDatabase } from "./world/database";

let opened: Promise<Database> | undefined;
const tools: Tools = { database: () => (opened ??= openDatabase()) };
afterAll(async () => (await opened)?.stop());

/** Courses of a week are made and read: seconds, and on a busy machine more. */
const PATIENCE_MS = 180_000;

describe.each(Object.entries(foldersOf()))("%s, as it is shipped", (name, folder) => {
  const rollout = loadRollout(join(__dirname, "..", "..", folder));
  const own = BEHAVIOURS.filter((one) => one.rollout === name && one.sql);

  test.each(own.map((one) => [one.title, one] as const))(
    "%s",
    { timeout: PATIENCE_MS },
    async (_, behaviour) => {
      await behaviour.run(rollout, tools);
    },
  );
});
