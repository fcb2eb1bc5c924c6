import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { PassThrough } from "node:stream";
import { expect, onTestFinished, test, vi } from "vitest";
import { type Ask, askThere, type Question } from "../../../cli/askThere";
import { type InitOptions, initCommand } from "../../../cli/init/run";
import { loadRollout } from "../../../src/rollout/load";

function fresh(): string {
  const made = mkdtempSync(join(tmpdir(), "init-"));
  onTestFinished(() => rmSync(made, { recursive: true, force: true }));
  return join(made, "rollout");
}

async function run(options: Partial<InitOptions> & { folder: string }) {
  const lines: string[] = [];
  const code = await initCommand({ print: (line) => lines.push(line), ...options });
  return { code, said: lines.join("\n") };
}

const GIVEN = { name: "search", flags: ["READ", "WRITE"], stages: "stageA, stageB" };

test("asks nothing where all is given, and writes what cutover reads and the program is found from", async () => {
  const folder = fresh();
  const { code, said } = await run({ folder, ...GIVEN });
  expect(code).toBe(0);
  expect(readdirSync(folder).sort()).toEqual([
    "Pulumi.baseline.yaml",
    "Pulumi.stageA.yaml",
    "Pulumi.stageB.yaml",
    "Pulumi.yaml",
  ]);
  expect(loadRollout(folder).stages.map(({ name }) => name)).toEqual(["baseline", "stageA", "stageB"]);
  const main = /^main: (".*")$/m.exec(readFileSync(join(folder, "Pulumi.yaml"), "utf8"))?.[1] ?? "";
  expect(existsSync(resolve(folder, JSON.parse(main)))).toBe(true);
  expect(said.split("\n").slice(3)).toEqual([
    expect.stringMatching(/^ {2}1\. Read the stack files/),
    expect.stringMatching(/^ {2}2\. npm --prefix \S+ run cutover -- validate: /),
    expect.stringMatching(/^ {2}3\. npm --prefix \S+ run cutover -- rehearse: /),
    "  Then, on a real account:",
    "  4. pulumi stack init baseline && pulumi up -s baseline",
    "  5. pulumi stack init stageA && pulumi preview -s stageA: it says what is still missing.",
  ]);
});

test("asks for what is not given, and for nothing else", async () => {
  const folder = fresh();
  const { ask, asked } = person({
    "Its flags": "PERCENT:percentage, READ",
    "let the new path write": "READ",
    "Its stages": "few, more",
    "What few raises": "PERCENT=20",
    "What more raises": "PERCENT=60, READ=true",
    snapshotted: "cluster:app",
    PostgreSQL: "db.internal/app",
    Tables: "users",
  });
  expect((await run({ folder, name: "import", errors: "Http5xx", ask })).code).toBe(0);
  expect(asked.filter(({ text }) => /Name of the rollout|metric of errors/.test(text))).toEqual([]);
  const { flags, stages, database } = loadRollout(folder);
  expect(flags).toMatchObject({ PERCENT: { kind: "percentage" }, READ: { writes: true } });
  expect(stages.map((stage) => stage.flags)).toEqual([
    { PERCENT: 0, READ: false },
    { PERCENT: 20, READ: false },
    { PERCENT: 60, READ: true },
  ]);
  expect(stages[2]?.snapshot).toEqual({ cluster: "app" });
  expect(database?.reads).toEqual(["users"]);
});

/** Answers what is asked: by a part of the question, and else with what stands there already. */
function person(answers: Readonly<Record<string, string>>): { ask: Ask; asked: Question[] } {
  const asked: Question[] = [];
  const ask: Ask = async (question) => {
    asked.push(question);
    const answer =
      Object.entries(answers).find(([part]) => question.text.includes(part))?.[1] ?? question.initial ?? "";
    expect(question.check(answer), question.text).toBeUndefined();
    return answer;
  };
  return { ask, asked };
}

test("a template needs a name and a snapshot, and is asked for neither flags nor stages", async () => {
  const folder = fresh();
  expect((await run({ folder, name: "move", template: "migration" })).said).toContain("give --snapshot");
  const { code } = await run({ folder, name: "move", template: "migration", snapshot: "instance:db" });
  expect(code).toBe(0);
  expect(loadRollout(folder).stages).toHaveLength(6);
  const own = { folder: fresh(), name: "move", template: "migration", snapshot: "instance:db" };
  await expect(run({ ...own, flags: ["A"] })).rejects.toThrow(/brings flags and stages of its own/);
});

test("a person who names a bucket gets gates on dumps in the place of a snapshot", async () => {
  const folder = fresh();
  const { ask } = person({
    "is snapshotted before": "s3://app-backups/pg",
    "gates may read": "db.internal/app",
    Tables: "users",
  });
  await run({ folder, name: "kept", flags: ["A"], writes: ["A"], stages: "one", ask });
  const rollout = loadRollout(folder);
  expect(rollout.backup?.dumps).toBe("s3://app-backups/pg");
  expect(rollout.stages[1]?.snapshot).toBeUndefined();
  const given = { ...GIVEN, writes: ["READ"], database: "db.internal/app", tables: ["users"] };
  await expect(run({ folder: fresh(), ...given, backup: "backups" })).rejects.toThrow(
    /--backup backups: is nowhere that dumps can lie/,
  );
});

test("a template that is not known is told before anything is asked for, or else refused", async () => {
  const folder = fresh();
  const unknown = /--template other: is not known\. There is: migration$/;
  await expect(run({ folder, template: "other" })).rejects.toThrow(unknown);
  await expect(run({ folder, template: "other", flags: ["A"] })).rejects.toThrow(unknown);
  const { ask, asked } = person({});
  await expect(run({ folder, template: "other", ask })).rejects.toThrow(unknown);
  expect(asked).toEqual([]);
  expect(existsSync(folder)).toBe(false);
});

test("--stage gives values, and the order where --stages does not", async () => {
  const folder = fresh();
  const stage = ["p5:PERCENT=5", "p50:PERCENT=50,READ=true"];
  const given = {
    folder,
    name: "import",
    flags: ["PERCENT:percentage", "READ"],
    thresholds: ["p5=20"],
    stage,
  };
  expect((await run(given)).code).toBe(0);
  const [, first, second] = loadRollout(folder).stages;
  expect([first?.flags, second?.flags]).toEqual([
    { PERCENT: 5, READ: false },
    { PERCENT: 50, READ: true },
  ]);
  expect(first?.abort.XA1?.threshold).toEqual({ gt: 20 });
});

test.each<[string, Partial<InitOptions>, RegExp]>([
  ["a stage that is none", { stage: ["stageC:READ=true"] }, /--stage stageC: is none of --stages/],
  ["a value that is none", { stage: ["stageA:READ=on"] }, /--stage stageA: says READ=on/],
  ["a threshold of no stage", { thresholds: ["stageC=1"] }, /--threshold stageC: is no stage/],
  ["a flag that writes, and is none", { writes: ["OTHER"] }, /--writes: names OTHER/],
  ["a table without a database", { tables: ["users"] }, /--table: is of no database/],
  [
    "a database without a name",
    { database: "postgres://me:secret@db" },
    /^(?!.*secret).*--database: is no database/s,
  ],
  ["a database at no port", { database: "db:70000/app" }, /--database: is no database/],
  [
    "a table of another schema",
    { database: "db/app", tables: ["sales.orders"] },
    /--table sales\.orders: is a table of a schema other than public\. Name the table alone, orders, and write its schema/,
  ],
  [
    "stages whose percentages fall",
    { flags: ["P:percentage"], stages: "p100,p5" },
    /--stages p5: says 5 %, and p100 before it has 100 %: a percentage only rises/,
  ],
  [
    "a stage that says more than all",
    { flags: ["P:percentage"], stages: "p5,p500" },
    /--stages p500: says 500 %, and 100 % is all/,
  ],
  ["a stage of nothing", { flags: ["P:percentage"], stages: "p0,p100" }, /--stages p0: says 0 %/],
  [
    "a stage that says another percentage than it has",
    { flags: ["P:percentage"], stages: undefined, stage: ["p5:P=50", "p100:P=100"] },
    /--stage p5: is called after 5 %, and P is at 50 % there/,
  ],
])("%s is refused, and nothing is written", async (_, spec, message) => {
  const folder = fresh();
  await expect(run({ folder, ...GIVEN, snapshot: "instance:db", ...spec })).rejects.toThrow(message);
  expect(existsSync(folder)).toBe(false);
});

test.each<[string, object]>([
  ["db.internal/app", { host: "db.internal", port: 5432, name: "app" }],
  ["db.internal:5432/app", { host: "db.internal", port: 5432, name: "app" }],
  ["db.internal:6432/app", { host: "db.internal", port: 6432, name: "app" }],
  ["postgres://db.internal/app", { host: "db.internal", name: "app" }],
  [
    "postgresql://me:s%40cr@et@db.internal:6432/app?sslmode=require",
    { host: "db.internal", port: 6432, name: "app" },
  ],
])("a database is taken as %s, and no login is written", async (database, expected) => {
  const folder = fresh();
  const { said } = await run({ folder, ...GIVEN, database, tables: ["public.users", "orders"] });
  expect(loadRollout(folder).database).toMatchObject({ ...expected, reads: ["users", "orders"] });
  const written = readdirSync(folder).map((name) => readFileSync(join(folder, name), "utf8"));
  expect(`${said}${written.join("")}`).not.toMatch(/cr@et|s%40|\bme:|sslmode/);
});

test("on a terminal, a wrong answer is asked for again with what is wrong with it", async () => {
  const input = Object.assign(new PassThrough(), { isTTY: true, setRawMode: () => input });
  const output = Object.assign(new PassThrough(), { isTTY: true, columns: 100, rows: 30 });
  let shown = "";
  output.on("data", (text) => {
    shown += text;
  });
  const told = (text: string) => vi.waitFor(() => expect(shown).toContain(text), 10_000);
  const ask = await askThere("No files are written", input, output);
  const answer = ask({ text: "Its name", check: (name) => (name === "good" ? undefined : "another name") });
  await told("Its name");
  input.write("go\r");
  await told("another name");
  input.write("od\r");
  expect(await answer).toBe("good");
  const broken = ask({ text: "And then", check: () => undefined });
  await told("And then");
  input.write("\u0003");
  await expect(broken).rejects.toThrow(/broken off/);
});

test("where nobody can be asked, says what to give", async () => {
  const folder = fresh();
  const { code, said } = await run({ folder, name: "search" });
  expect(code).toBe(2);
  expect(said).toContain("give --flag, --stages");
  expect(existsSync(folder)).toBe(false);
});

test("never overwrites a file, and writes none where one is there", async () => {
  const folder = fresh();
  await run({ folder, ...GIVEN });
  const file = join(folder, "Pulumi.stageA.yaml");
  rmSync(join(folder, "Pulumi.yaml"));
  writeFileSync(file, "mine");
  await expect(run({ folder, ...GIVEN })).rejects.toThrow(/Pulumi\.stageA\.yaml.*already/);
  expect(readFileSync(file, "utf8")).toBe("mine");
  expect(existsSync(join(folder, "Pulumi.yaml"))).toBe(false);
});
