import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { loadRollout, readStackFiles } from "../../../src/rollout/load";
import { UserError } from "../../../src/text/problem";

const SOUND =
  "config:\n  cutover:rollout: { name: x, flags: { F: { kind: boolean } } }\n  cutover:stage: { flags: { F: false } }\n";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "cutover-files-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const write = (name: string, text: string) => writeFileSync(join(folder, name), text);

describe("readStackFiles", () => {
  it("reads the stack files of a folder, and no other, in the order of their names", () => {
    for (const name of [
      "Pulumi.stageB.yaml",
      "Pulumi.yaml",
      "Pulumi.base.line.yaml",
      "Pulumi.stageA.yaml.bak",
      "xPulumi.stageA.yaml",
      "readme.md",
    ])
      write(name, name);
    expect(readStackFiles(folder)).toEqual([
      { stack: "base.line", file: "Pulumi.base.line.yaml", text: "Pulumi.base.line.yaml" },
      { stack: "stageB", file: "Pulumi.stageB.yaml", text: "Pulumi.stageB.yaml" },
    ]);
  });

  it("says so where the folder is not there", () => {
    expect(() => readStackFiles(join(folder, "none"))).toThrow(UserError);
    expect(() => readStackFiles(join(folder, "none"))).toThrow(
      /^The project's folder cannot be read: \S+none is not there$/,
    );
  });

  it("says so where a stack file cannot be read", () => {
    mkdirSync(join(folder, "Pulumi.stageA.yaml"));
    expect(() => readStackFiles(folder)).toThrow(UserError);
    expect(() => readStackFiles(folder)).toThrow(
      /^A stack file cannot be read: Pulumi\.stageA\.yaml is a folder$/,
    );
  });
});

describe("loadRollout", () => {
  it("tells of a stage in a file that nobody reads, beside all else", () => {
    write("Pulumi.baseline.yaml", SOUND);
    write("Pulumi.stageA.yml", "config: {}");
    expect(() => loadRollout(folder)).toThrow(
      /^The rollout's config has a problem:\n {2}- Pulumi\.stageA\.yml: is not read, and the rollout would go on without this stage\. Call it Pulumi\.stageA\.yaml$/,
    );
  });

  it("is the rollout that the files declare", () => {
    write("Pulumi.baseline.yaml", SOUND);
    expect(loadRollout(folder)).toMatchObject({
      name: "x",
      stages: [{ name: "baseline", flags: { F: false } }],
    });
  });

  it("reads a way back whose script is not there: no missing file keeps flags up", () => {
    const script = 'rollback: { R4: { title: "Schema back", sql: "sql/back.sql", within: 10m } }';
    const stage = SOUND.replace("{ F: false } }", `{ F: false }, ${script} }`);
    write("Pulumi.baseline.yaml", stage);
    expect(loadRollout(folder).stages[0].rollback).toHaveProperty("R4");
  });

  it("throws one error with one problem", () => {
    write("Pulumi.baseline.yaml", SOUND.replace("{ F: false } }", "{ F: false, G: true } }"));
    expect(() => loadRollout(folder)).toThrow(
      /^The rollout's config has a problem:\n {2}- Pulumi\.baseline\.yaml:3 cutover:stage\.flags\.G: is not a flag of this rollout\. Correct the name/,
    );
  });

  it("throws one error with all problems", () => {
    write(
      "Pulumi.baseline.yaml",
      SOUND.replace("name: x", "name: X").replace("{ F: false }", "{ F: no value }"),
    );
    let thrown: unknown;
    try {
      loadRollout(folder);
    } catch (error) {
      thrown = error;
    }
    expect(thrown).toBeInstanceOf(UserError);
    expect((thrown as UserError).problems).toHaveLength(2);
    expect((thrown as UserError).message).toMatch(
      /^The rollout's config has 2 problems:\n {2}- .+\n {2}- .+$/,
    );
  });
});
