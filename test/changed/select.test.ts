import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { HANDLERS, LOADED, PACK, PLUGINS, STARTED } from "../../package/programs";
import { projectGraph, readersOf, testFiles } from "./choose";
import { besides, type Graph, joined, reachedFrom } from "./graph";
import { type Ground, touched } from "./select";
import { STARTS } from "./starts";

const graph: Graph = new Map([
  ["src/rate.ts", []],
  ["src/judge.ts", ["src/rate.ts"]],
  ["src/start.ts", []],
  ["src/program/main.ts", ["src/judge.ts"]],
  ["test/judge.test.ts", ["src/judge.ts"]],
  ["test/start.test.ts", ["src/start.ts"]],
  ["test/other.test.ts", ["test/other/support.ts"]],
  ["test/other/support.ts", []],
]);
const ground: Ground = {
  graph: joined(graph, { "src/start.ts": ["src/program/main.ts"] }),
  tests: ["test/judge.test.ts", "test/start.test.ts", "test/other.test.ts", "test/docs/docs.test.ts"],
  readers: ["test/docs/docs.test.ts"],
};
const READER = "test/docs/docs.test.ts";

describe("a change touches", () => {
  it.each<[what: string, changed: string[], touches: readonly string[] | "all"]>([
    ["nothing where there is none", [], []],
    [
      "who imports it, or starts what does",
      ["src/rate.ts"],
      [READER, "test/judge.test.ts", "test/start.test.ts"],
    ],
    ["who starts it", ["src/program/main.ts"], [READER, "test/start.test.ts"]],
    ["a test itself", ["test/other.test.ts"], [READER, "test/other.test.ts"]],
    ["no test that is gone", ["test/gone.test.ts"], [READER]],
    ["who imports what tests share", ["test/other/support.ts"], [READER, "test/other.test.ts"]],
    ["what reads pages", ["docs/reference/gates.md"], [READER]],
    ["who imports what lies beside a table", ["src/program/table.json"], [READER, "test/start.test.ts"]],
    ["everything where it is what all is made with", ["package-lock.json"], "all"],
    ["everything where nobody can tell", ["docs/reference/gates.md", "somewhere/else.bin"], "all"],
  ])("%s", (_, changed, touches) => {
    expect(touched(changed, ground)).toEqual(touches);
  });
});

it("goes round a circle of imports once", () => {
  expect([
    ...reachedFrom(
      new Map([
        ["a", ["b"]],
        ["b", ["a"]],
      ]),
      "a",
    ),
  ]).toEqual(["a", "b"]);
});

it("takes what nobody imports for all of the nearest folder with modules", () => {
  expect(besides(graph, "src/program/fixtures/x.sql")).toEqual(["src/program/main.ts"]);
  expect(besides(graph, "elsewhere/x.sql")).toEqual([]);
});

describe("in this project", () => {
  let here: Ground;
  const files = testFiles();
  beforeAll(async () => {
    here = { graph: await projectGraph(files), tests: files, readers: readersOf(files) };
  });

  it("what is said to start something is there, and what it starts", () => {
    const named = Object.entries(STARTS).flatMap(([module, programs]) => [module, ...programs]);
    expect(named.filter((path) => !existsSync(join(__dirname, "..", "..", path)))).toEqual([]);
  });

  it("every program of the package is started by something", () => {
    const started = new Set(Object.values(STARTS).flat());
    const programs = [
      ...LOADED,
      PACK,
      ...STARTED,
      ...PLUGINS,
      ...HANDLERS.map((name) => `src/lambda/${name}.ts`),
    ];
    // Its rules are imported by the pack.
    expect(programs.filter((path) => !started.has(path) && path !== "policies/rules/index.ts")).toEqual([]);
  });

  it("every module that names a program is said to start it", () => {
    const names = /"([\w./-]*\/)?(main|task|holder)\.ts"|cutover\.mjs"/;
    const modules = [...here.graph.keys()].filter(
      (path) =>
        path.endsWith(".ts") &&
        names.test(readFileSync(join(__dirname, "..", "..", path), "utf8")) &&
        !NO_START.has(path),
    );
    expect(modules.filter((path) => !(path in STARTS) && !here.readers.includes(path))).toEqual([]);
  });

  it.each([
    ["src/gates/judge.ts", "test/src/gates/judge.test.ts"],
    ["src/gates/judge.ts", "test/engine/promotion.test.ts"],
    ["policies/rules/index.ts", "test/engine/promotion.test.ts"],
    ["src/lambda/abortSwitch.ts", "test/engine/abort.test.ts"],
    ["src/lambda/probe.ts", "test/src/probe/probe.engine.test.ts"],
    ["sandbox/postgres/plugin/main.ts", "test/engine/foundation.test.ts"],
    ["sandbox/aws/front/services/appconfig/service.ts", "test/src/flags/appConfigStore.engine.test.ts"],
    ["cli/sandbox/start.ts", "test/cli/sandbox/sandbox.engine.test.ts"],
    ["components/stage.ts", "test/package/install.engine.test.ts"],
    ["rollouts/v2-pipeline/Pulumi.percent10.yaml", "test/rollouts/v2-pipeline/gates.engine.test.ts"],
    ["Pulumi.stageA.yaml", "test/engine/promotion.test.ts"],
    ["docs/how-to/finish.md", "test/docs/executed.engine.test.ts"],
  ])("a change of %s touches %s", (changed, test) => {
    expect(existsSync(join(__dirname, "..", "..", changed)), changed).toBe(true);
    expect(touched([changed], here)).toContain(test);
  });

  it.each([
    ["cli/completion/index.ts", "test/src/abort/switch.engine.test.ts"],
    ["sandbox/demo/v2-pipeline/main.ts", "test/src/imports/queries.engine.test.ts"],
    ["docs/how-to/finish.md", "test/engine/promotion.test.ts"],
  ])("a change of %s does not touch %s", (changed, test) => {
    expect(existsSync(join(__dirname, "..", "..", changed)), changed).toBe(true);
    expect(here.tests).toContain(test);
    expect(touched([changed], here)).not.toContain(test);
  });
});

/** Modules that name a program, and start none. */
const NO_START: ReadonlySet<string> = new Set([
  // These list them.
  "package/programs.ts",
  "test/changed/starts.ts",
  // What it starts is installed by what it imports.
  "test/package/install.engine.test.ts",
]);
