import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import type { Check } from "../../../cli/doctor/checks";
import { finder, healthy } from "../../../cli/doctor/finding";
import { renderDoctor } from "../../../cli/doctor/render";
import { examine } from "../../../cli/doctor/together";
import { PLAIN } from "../../../src/text/page";

const { ok, fault } = finder("Gates");

function folderOf(text: string): string {
  const folder = mkdtempSync(join(tmpdir(), "doctor-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  writeFileSync(join(folder, "Pulumi.yaml"), "name: search\nruntime: nodejs\n");
  writeFileSync(join(folder, "Pulumi.baseline.yaml"), text);
  return folder;
}

const SOUND =
  "config:\n  cutover:rollout: { name: search, flags: { READ: { kind: boolean } } }\n  cutover:stage: { flags: { READ: false } }\n";
const check = (name: string, make: Check["make"], needs: Check["needs"] = []): Check => ({
  group: "Gates",
  name,
  needs,
  make,
});

test("a check that hangs and one that throws are told as such, and hide no other", async () => {
  const { findings } = await examine(folderOf(SOUND), {
    env: {},
    within: 200,
    checks: [
      check("hangs", () => new Promise(() => {})),
      check("throws", () => Promise.reject(new Error("it broke"))),
      check("works", async () => [ok("A1", "works"), fault("A2", "is wrong", "mend it")]),
    ],
  });
  expect(findings.map(({ name, state }) => `${name} ${state}`)).toEqual([
    "hangs unknown",
    "throws unknown",
    "A1 ok",
    "A2 fault",
  ]);
  expect(findings[0]?.what).toMatch(/^no answer within/);
  expect(findings[1]?.what).toBe("it broke");
});

test("what several checks want is told once, with their names", async () => {
  const looked: string[] = [];
  const { findings } = await examine(folderOf(SOUND), {
    env: {},
    within: 5_000,
    checks: ["one", "two"].map((name) =>
      check(name, async () => {
        looked.push(name);
        return [];
      }, ["aws"]),
    ),
  });
  expect(looked).toEqual([]);
  expect(findings).toEqual([
    {
      group: "AWS",
      name: "not looked at",
      state: "unknown",
      what: "one, two",
      remedy: "Mend what keeps AWS from answering, then run doctor again",
    },
  ]);
});

test("stack files that cannot be read keep those checks alone from being made that need them", async () => {
  const { findings } = await examine(folderOf("config:\n  cutover:rollout: { name: Search }\n"), {
    env: {},
    within: 5_000,
    checks: [
      check("needs", async () => [ok("A1", "")], ["files"]),
      check("does not", async () => [ok("A2", "")]),
    ],
  });
  expect(findings.map(({ group, name }) => `${group} ${name}`)).toEqual([
    "Gates A2",
    "Stack files not looked at",
  ]);
});

test("no line holds a secret", async () => {
  const env = { API_TOKEN: "s3cr3t-of-the-shell-99" };
  const { findings } = await examine(folderOf(SOUND), {
    env,
    within: 5_000,
    checks: [
      check("tells", async ({ secrets }) => {
        secrets.push("a-password-of-config-7");
        return [
          fault("A1", "sent s3cr3t-of-the-shell-99", "not a-password-of-config-7", {
            where: "https://x.example/s3cr3t-of-the-shell-99",
          }),
        ];
      }),
    ],
  });
  expect(JSON.stringify(findings)).not.toMatch(/s3cr3t|a-password/);
});

test("the table puts together what says the same, faults first, each with its place and what to do", () => {
  const findings = [
    ok("stageA A1", "can be asked"),
    ok("stageA A3", "can be asked"),
    fault("stageA XA1", "is silent", "publish it", { where: "Pulumi.stageA.yaml:9" }),
  ];
  expect(renderDoctor(findings, { width: 80, paints: PLAIN })).toEqual([
    "",
    "Gates",
    "  ✖ stageA XA1: is silent",
    "      Pulumi.stageA.yaml:9",
    "      → publish it",
    "  ✔ stageA A1, stageA A3: can be asked",
    "",
    "1 fault to mend.",
  ]);
  expect(healthy(findings)).toBe(false);
  expect(healthy(findings.slice(0, 2))).toBe(true);
});
