import { readFile } from "node:fs/promises";
import { expect, test, vi } from "vitest";
import { configFile } from "../../../src/lambda/bundle";
import { functionFile, MAX_BYTES } from "../../../src/lambda/functions";
import type { ProbeSettings } from "../../../src/probe/settings";

test.each(["abortSwitch", "probe", "messages", "measure", "channels"] as const)(
  "the bundle of %s is small, the same each time, and holds no path of this machine",
  async (name) => {
    const file = await functionFile(name);
    const code = await readFile(file, "utf8");
    // It is in no hurry: its own limit is larger, and one is refused beyond that.
    if (name !== "messages") expect(Buffer.byteLength(code)).toBeLessThan(MAX_BYTES);
    expect(code).not.toContain(process.cwd());
    // As another run would make it: this one keeps what it has made.
    vi.resetModules();
    expect(await (await import("../../../src/lambda/functions")).functionFile(name)).toBe(file);
  },
);

test("settings read the same in whatever order they were made", () => {
  const database = { host: "db", port: 1, database: "d", ssl: "disable", schema: "public" } as const;
  const rows = { A: { query: "a", values: [], timeout: "1s" }, B: { query: "b", values: [], timeout: "1s" } };
  const one: ProbeSettings = { rollout: "r", stage: "s", database, login: { secretArn: "arn" }, rows };
  const other: ProbeSettings = {
    login: { secretArn: "arn" },
    rows: { B: rows.B, A: rows.A },
    stage: "s",
    database: { schema: "public", ssl: "disable", database: "d", port: 1, host: "db" },
    rollout: "r",
  };
  expect(configFile(other)).toBe(configFile(one));
  expect(JSON.parse(configFile(one))).toEqual(one);
});
