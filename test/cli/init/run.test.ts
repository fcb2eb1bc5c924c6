import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { expect, onTestFinished, test } from "vitest";
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
  expect(said).toContain("pulumi stack init baseline && pulumi up -s baseline");
});

test("asks for what is not given, and for nothing else", async () => {
  const folder = fresh();
  const asked: string[] = [];
  const ask = async (question: string) => {
    asked.push(question);
    return /flags/.test(question) ? "PERCENT:percentage" : "p10, p50";
  };
  expect((await run({ folder, name: "import", ask })).code).toBe(0);
  expect(asked).toHaveLength(2);
  expect(loadRollout(folder).flags).toMatchObject({ PERCENT: { kind: "percentage" } });
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
