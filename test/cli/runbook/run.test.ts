import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { runbookCommand } from "../../../cli/runbook/run";
import { loadRollout } from "../../../src/rollout/load";

const FOLDER = join(__dirname, "..", "..", "..");

function folder(): string {
  const made = mkdtempSync(join(tmpdir(), "runbook-"));
  onTestFinished(() => rmSync(made, { recursive: true, force: true }));
  return made;
}

test("is printed, or written to a file, the same", () => {
  let printed = "";
  const print = (text: string) => {
    printed += text;
  };
  expect(runbookCommand({ stage: "stageA", folder: FOLDER, print })).toBe(0);
  const output = join(folder(), "a.md");
  expect(runbookCommand({ stage: "stageA", folder: FOLDER, output })).toBe(0);
  expect(readFileSync(output, "utf8")).toBe(printed);
  expect(printed).toContain("drop column custody_status");
});

/** Every block of lines to type, of every stage of both rollouts. */
const BLOCKS = [FOLDER, join(FOLDER, "rollouts", "v2-pipeline")].flatMap((folder) =>
  loadRollout(folder).stages.flatMap(({ name }) => {
    let markdown = "";
    runbookCommand({ stage: name, folder, print: (text) => (markdown += text) });
    return [...markdown.matchAll(/^(`{3,})sh\n([\s\S]*?)^\1$/gm)].map(([, , block = ""]) => block);
  }),
);

test("whatever it prints to be typed, a shell can read", () => {
  const blocks = [...new Set(BLOCKS)];
  expect(blocks.length).toBeGreaterThan(60);
  const unread = blocks.flatMap((block) => {
    const { status, stderr } = spawnSync("bash", ["--norc", "-n"], { input: block, encoding: "utf8" });
    return status === 0 ? [] : [`${stderr}\n${block}`];
  });
  expect(unread).toEqual([]);
});

test("it prints no value of a query as a parameter, and no parameter of the rollout by its name", () => {
  for (const block of BLOCKS) if (block.startsWith("psql ")) expect(block).not.toMatch(/\$\d|\{[a-z]\w*\}/);
});

test("of no stage is refused, with the stage that may have been meant", () => {
  expect(() => runbookCommand({ stage: "StageA", folder: FOLDER })).toThrow(/Did you mean stageA\?/);
});

test("with a script that is not there is refused: a runbook without it fails whoever needs it", () => {
  const made = folder();
  for (const stack of ["baseline", "stageA", "stageB"])
    writeFileSync(join(made, `Pulumi.${stack}.yaml`), readFileSync(join(FOLDER, `Pulumi.${stack}.yaml`)));
  expect(() => runbookCommand({ stage: "stageA", folder: made })).toThrow(
    /Pulumi\.baseline\.yaml cutover:rollout\.rollback\.R4\.sql: names \S+, which is not there\. Correct the path/,
  );
});
