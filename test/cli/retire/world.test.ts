import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { stackOf } from "../../../cli/retire/world";

let folder: string;
const { PATH } = process.env;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "cutover-stack-"));
  process.env.PATH = `${folder}:${PATH}`;
});
afterAll(() => {
  process.env.PATH = PATH;
  rmSync(folder, { recursive: true, force: true });
});

/** What `pulumi` answers, instead of the real one. */
function answers(stdout: unknown, stderr = "", code = 0) {
  writeFileSync(join(folder, "out"), JSON.stringify(stdout));
  writeFileSync(join(folder, "err"), stderr);
  const script = `#!/bin/sh\ncat "${folder}/out"\ncat "${folder}/err" >&2\nexit ${code}\n`;
  writeFileSync(join(folder, "pulumi"), script, { mode: 0o755 });
}

const own = [
  { type: "pulumi:pulumi:Stack" },
  { type: "pulumi:providers:aws", id: "p" },
  { type: "pulumi:pulumi:StackReference", external: true },
];
const application = { type: "aws:appconfig/application:Application", id: "app" };

describe("what a stack holds", () => {
  it.each<[string, unknown, object]>([
    ["nothing, after a destroy", { deployment: {} }, { holds: 0 }],
    ["nothing, before it was ever up", { deployment: null }, { holds: 0 }],
    ["nothing, with what it only needs to work", { deployment: { resources: own } }, { holds: 0 }],
    [
      "an application that is protected",
      { deployment: { resources: [...own, { ...application, protect: true }] } },
      { holds: 1, application: { id: "app", protected: true } },
    ],
    [
      "an application that is not",
      { deployment: { resources: [...own, application] } },
      { holds: 1, application: { id: "app", protected: false } },
    ],
    [
      "something of which nobody knows whether it came to be",
      { deployment: { resources: own, pending_operations: [{}] } },
      { holds: 1 },
    ],
  ])("is %s", async (_, state, expected) => {
    answers(state);
    expect(await stackOf(folder, "baseline")).toEqual({ stack: "baseline", ...expected });
  });

  it("is nothing where there is no such stack", async () => {
    answers("", "error: no stack named 'stageA' found\n", 255);
    expect(await stackOf(folder, "stageA")).toEqual({ stack: "stageA", holds: 0 });
  });

  it.each<[string, () => void]>([
    ["the backend cannot be reached", () => answers("", "error: PULUMI_ACCESS_TOKEN must be set\n", 255)],
    ["it says something else", () => answers({ deployment: { resources: "all" } })],
  ])("is not known where %s", async (_, given) => {
    given();
    expect(await stackOf(folder, "stageA")).toMatchObject({ stack: "stageA", unread: expect.any(String) });
  });
});
