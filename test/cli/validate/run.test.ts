import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test, vi } from "vitest";
import { validateCommand } from "../../../cli/validate/run";
import { UserError } from "../../../src/text/problem";

const CHECKOUT = join(__dirname, "..", "..", "..");

async function said(folder: string, columns?: number): Promise<string> {
  const lines: string[] = [];
  expect(await validateCommand({ folder, columns, print: (line) => lines.push(line) })).toBe(0);
  return lines.join("\n");
}

test("says what the shipped rollout declares, stage by stage", async () => {
  const page = await said(CHECKOUT, 120);
  expect(page).toMatch(/^ops-view is sound: 2 flags, 3 stages, \d+ rows\./);
  expect(page).toContain("OPS_VIEW_DB_WRITE: boolean, lets the new path write");
  expect(page).toMatch(/stageA {2}.*OPS_VIEW_DB_READ/);
  expect(page).toMatch(/abort +XA1, XA2, XA3, XA4, XA4q/);
  expect(page).toMatch(/From every stage\n +rollback +R4/);
});

test("says one of each as one", async () => {
  const folder = folderOf({
    "Pulumi.yaml": "name: search\nruntime: nodejs\n",
    "Pulumi.baseline.yaml":
      "config:\n  cutover:rollout: { name: search, flags: { READ: { kind: boolean } } }\n  cutover:stage: { flags: { READ: false } }\n",
  });
  expect(await said(folder)).toMatch(/^search is sound: 1 flag, 1 stage, 0 rows\.$/m);
});

test("fits a narrow terminal", async () => {
  for (const line of (await said(join(CHECKOUT, "rollouts", "v2-pipeline"), 60)).split("\n"))
    expect(line.length, line).toBeLessThanOrEqual(60);
});

function folderOf(files: Readonly<Record<string, string>>): string {
  const folder = mkdtempSync(join(tmpdir(), "validate-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
  return folder;
}

test("tells every problem of every file at once, with its place", async () => {
  const folder = folderOf({
    "Pulumi.baseline.yaml":
      "config:\n  cutover:rollout:\n    name: Search\n    flags: { READ: { kind: text } }\n  cutover:stage:\n    flags: { READ: false }\n",
    "Pulumi.first.yaml":
      "config:\n  cutover:stage:\n    predecessor: baseline\n    flags: { READ: true }\n    soak: soon\n",
  });
  let problems: UserError["problems"] = [];
  try {
    await validateCommand({ folder, print: () => {} });
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    problems = error.problems;
  }
  expect(problems.map(({ where }) => where)).toEqual([
    "Pulumi.baseline.yaml:3 cutover:rollout.name",
    "Pulumi.baseline.yaml:4 cutover:rollout.flags.READ.kind",
    "Pulumi.first.yaml:5 cutover:stage.soak",
  ]);
});

test.each<[string, Readonly<Record<string, string>>]>([
  ["a folder without stack files", {}],
  ["an empty stack file", { "Pulumi.baseline.yaml": "" }],
])("%s is no rollout", async (_, files) => {
  await expect(validateCommand({ folder: folderOf(files), print: () => {} })).rejects.toThrow(UserError);
});

test("reads every query, and says in which line one stands that cannot run", async () => {
  const files = Object.fromEntries(
    readdirSync(CHECKOUT)
      .filter((name) => /^Pulumi\..+\.yaml$/.test(name))
      .map((name) => [name, readFileSync(join(CHECKOUT, name), "utf8")]),
  );
  const project = { "Pulumi.yaml": "name: ops-view\n" };
  await said(folderOf({ ...project, ...files }));
  const broken = files["Pulumi.stageA.yaml"]?.replace(
    "select count(*) from patches where",
    "delete from patches where",
  );
  await expect(said(folderOf({ ...project, ...files, "Pulumi.stageA.yaml": broken ?? "" }))).rejects.toThrow(
    /^The rollout cannot be brought up as it is:\n {2}- Pulumi\.stageA\.yaml:\d+ cutover:stage\.entry\.A3\.query: is no SELECT, but a DELETE/,
  );
});

test("asks for the code of each check that a gate names", async () => {
  const pipeline = join(CHECKOUT, "rollouts", "v2-pipeline");
  const stacks = readdirSync(pipeline).filter((name) => /^Pulumi\..+\.yaml$/.test(name));
  const files = Object.fromEntries(stacks.map((name) => [name, readFileSync(join(pipeline, name), "utf8")]));
  const sound = "export const sunsetIsAhead = async () => '';";
  const project = { "Pulumi.yaml": "name: v2-pipeline\n" };
  await said(folderOf({ ...project, ...files, "checks.ts": sound }));
  await expect(said(folderOf({ ...project, ...files }))).rejects.toThrow(
    "D3: is not there beside the stack files. Write there: export const sunsetIsAhead: Check",
  );
});

test("says so where PostgreSQL's parser is not installed", async () => {
  vi.doMock("../../../cli/sqlParser", () => {
    throw new Error("Cannot find module 'libpg-query'");
  });
  onTestFinished(() => void vi.doUnmock("../../../cli/sqlParser"));
  vi.resetModules();
  const { validateCommand: validate } = await import("../../../cli/validate/run");
  const lines: string[] = [];
  expect(await validate({ folder: CHECKOUT, columns: 200, print: (line) => lines.push(line) })).toBe(0);
  expect(lines.join("\n")).toMatch(
    /^ops-view is sound[\s\S]*\nIts queries were not read: the package libpg-query/,
  );
});

test("asks for the file that makes a project of the stack files", async () => {
  const sound = readFileSync(join(CHECKOUT, "Pulumi.baseline.yaml"), "utf8");
  const folder = folderOf({ "Pulumi.baseline.yaml": sound });
  await expect(validateCommand({ folder })).rejects.toThrow(
    /Pulumi\.yaml: is not there, and makes a project/,
  );
});

test("mistakes in aws: settings are told beside all others, and a topic in another region", async () => {
  const problemsOf = async (flags: string, region: string) => {
    const folder = folderOf({
      "Pulumi.yaml": "name: search\nruntime: nodejs\n",
      "Pulumi.baseline.yaml": `config:\n  aws:region: ${region}\n  cutover:rollout: { name: search, flags: { READ: { kind: ${flags} } }, topics: { onCall: { arn: "arn:aws:sns:eu-west-1:123456789012:pagers" } } }\n  cutover:stage: { flags: { READ: false } }\n`,
    });
    try {
      await validateCommand({ folder, print: () => {} });
      return [];
    } catch (error) {
      if (!(error instanceof UserError)) throw error;
      return error.problems.map(({ where, what }) => `${where}: ${what}`);
    }
  };
  const [first, second] = await problemsOf("text", "eu-central1");
  expect(first).toContain("cutover:rollout.flags.READ.kind");
  expect(second).toBe("Pulumi.baseline.yaml aws:region: must be a region such as eu-central-1");
  expect(await problemsOf("boolean", "eu-central-1")).toEqual([
    "Pulumi.baseline.yaml cutover:rollout.topics.onCall.arn: is a topic in eu-west-1, and aws:region is eu-central-1: an alarm reaches none in another region",
  ]);
  expect(await problemsOf("boolean", "eu-west-1")).toEqual([]);
});
