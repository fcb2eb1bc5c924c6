import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { PROGRAM } from "../../../../cli/sandbox/project";
import { type OwnInput, ownWorldOf, rowsWorldOf } from "../../../../cli/sandbox/world/own";
import type { OwnWorld } from "../../../../cli/sandbox/world/ownWorld";
import { loadRollout } from "../../../../src/rollout/load";
import { UserError } from "../../../../src/text/problem";

const rollout = loadRollout(PROGRAM);
let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "own-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

const says = (text: string) => writeFileSync(join(folder, "rehearsal.ts"), `export default ${text};\n`);

it("whatever the types allow is read", () => {
  // The compiler judges it.
  const written: OwnWorld = { fastest: 1 };
  const read: OwnInput = written;
  expect(read).toBe(written);
});

it("nothing is brought where there is no file", async () => {
  expect(await ownWorldOf(folder, rollout)).toEqual({});
});

it("pieces are read with what they leave out", async () => {
  writeFileSync(join(folder, "a.sql"), "select 1");
  says(`{
    seed: ["a.sql", async () => {}],
    app: { command: ["python3", "app.py"], publishes: ["Shop"] },
    clients: () => ({ stop: async () => {} }),
    faults: { XB1: { requests: [{ path: "/_faults", body: { write5xx: 1 } }] }, "stageA.XA4": { sql: ["select 1"] } },
    checks: { stageB: { "it writes": async () => undefined } },
    fastest: 3600,
  }`);
  expect(await ownWorldOf(folder, rollout)).toEqual({
    seed: ["a.sql", expect.any(Function)],
    app: { command: ["python3", "app.py"], env: {}, servers: 2, publishes: ["Shop"] },
    clients: expect.any(Function),
    faults: {
      XB1: {
        requests: [{ method: "POST", path: "/_faults", body: { write5xx: 1 } }],
        mend: [],
        sql: [],
        mendSql: [],
        config: [],
      },
      "stageA.XA4": { requests: [], mend: [], sql: ["select 1"], mendSql: [], config: [] },
    },
    checks: { stageB: { "it writes": expect.any(Function) } },
    fastest: 3600,
  });
});

it.each([
  [
    "{ checks: { stageC: {} } }",
    "rehearsal.ts checks.stageC: is no stage; there are baseline, stageA, stageB",
  ],
  ["{ faults: { XZ9: {}, 'stageB.XA1': {} } }", "rehearsal.ts faults.XZ9: is no row of the rollout"],
  ["{ faults: { 'stageB.XA1': {} } }", "rehearsal.ts faults.stageB.XA1: is no row of the rollout"],
  ["{ checks: { stageB: { 'it writes': 'yes' } } }", "must be a function that looks at the app"],
  ["{ clients: {} }", "rehearsal.ts clients: must be a function that starts clients"],
  ["{ fastest: 0 }", "rehearsal.ts fastest"],
  ["{ fastest: 0 }", "must be at least 1, got 0"],
  ["{ ap: {} }", "rehearsal.ts ap: is not known here. Did you mean app?"],
  ["{ app: { command: ['a'], ready: 'up' } }", 'must be text that begins with /, got "up"'],
  [
    "{ seed: [5] }",
    "rehearsal.ts seed.0: must be a path of a .sql file, or a function that fills the database, got 5",
  ],
  ["undefined", "rehearsal.ts default"],
  ["{ seed: ['a.sql'] }", "/a.sql, and no such file is there"],
  ["{ seed: [async () => {}, 'no/b.sql'] }", "rehearsal.ts seed.1: names "],
  ["{ app: { command: ['./serve', '--fast'] } }", "rehearsal.ts app.command.0: names "],
])("%s is refused", async (text, said) => {
  says(text);
  const refused = await ownWorldOf(folder, rollout).then(
    () => undefined,
    (error: unknown) => error,
  );
  expect(refused).toBeInstanceOf(UserError);
  expect(String((refused as Error).message)).toContain(said);
});

it("a rehearsal of every row leaves an app out, and what belongs to it", async () => {
  writeFileSync(join(folder, "a.sql"), "select 1");
  says(`{
    seed: ["a.sql"],
    app: { command: ["app"] },
    faults: { XB1: {} },
    checks: { stageB: {} },
    tokens: { admin: "a" },
    answers: { "stageA.SA1": [null] },
  }`);
  expect(rowsWorldOf(await ownWorldOf(folder, rollout))).toEqual({
    tokens: { admin: "a" },
    answers: { "stageA.SA1": [null] },
  });
});

it("without an app all of it counts", async () => {
  writeFileSync(join(folder, "a.sql"), "select 1");
  says('{ seed: ["a.sql"], faults: { XB1: {} } }');
  const own = await ownWorldOf(folder, rollout);
  expect(rowsWorldOf(own)).toBe(own);
});

it("with every row by itself, what belongs to an own app is left out, and faults of config alone stay", async () => {
  says(`{
    app: { command: ["python3", "app.py"] },
    answers: {},
    faults: {
      XB1: { requests: [{ path: "/_faults" }], config: [{ stack: "stageB", path: ["cutover:stage"], value: 1 }] },
      XA1: { config: [{ stack: "stageA", path: ["cutover:stage", "title"], value: "another" }] },
    },
  }`);
  const own = rowsWorldOf(await ownWorldOf(folder, rollout));
  expect(Object.keys(own)).toEqual(["answers", "faults"]);
  expect(Object.keys(own.faults ?? {})).toEqual(["XA1"]);
});

it("a fault that changes the config of what is no stage is told", async () => {
  says('{ faults: { XA1: { config: [{ stack: "stageX", path: ["a"], value: 1 }] } } }');
  await expect(ownWorldOf(folder, rollout)).rejects.toThrow(/faults\.XA1\.config.*stageX.*no stage/s);
});
