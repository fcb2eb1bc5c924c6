import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { describe, expect, it, test } from "vitest";
import { builtEngine } from "../../../sandbox/engine/go-build";
import { engineVersion, goVersion } from "../../../sandbox/engine/module";
import { resolveEngine } from "../../../sandbox/engine/resolve";
import type { Surroundings } from "../../../sandbox/engine/surroundings";
import { silentProgress } from "../../../src/text/progress";
import { processesIn, script, temporaryFolder } from "../support";

/** A machine whose PATH has only what the test puts there. */
function machine(more: Partial<Surroundings> = {}) {
  const dir = temporaryFolder();
  const bin = join(dir, "bin");
  mkdirSync(bin);
  const notes: string[] = [];
  const surroundings: Surroundings = {
    env: { PATH: bin },
    processes: processesIn(dir),
    progress: { ...silentProgress, note: (line) => notes.push(line) },
    cache: join(dir, "cache"),
    freeBytes: async () => 100 * 1024 ** 3,
    ...more,
  };
  return { dir, bin, notes, surroundings };
}

/** A `go` that "builds" a file and counts how often it was asked to. */
function fakeGo(bin: string, log: string, build = '/bin/sleep 0.3; echo built > "$out"'): void {
  script(
    join(bin, "go"),
    `if [ "$1" = env ]; then printf "go${goVersion()}\\n/nowhere\\n"; exit 0; fi`,
    `echo build >> ${log}`,
    'while [ "$1" != -o ]; do shift; done; out="$2"',
    build,
  );
}

interface Found {
  /** What `pulumi version` of the one on PATH prints; undefined: there is none. */
  readonly pulumi?: string;
  readonly host?: boolean;
  /** Whether an earlier run has built one. */
  readonly built?: boolean;
  readonly go?: boolean;
}

describe("where an engine comes from", () => {
  test.each<[string, Found, "path" | "built before" | "built now" | RegExp]>([
    ["one on PATH that fits", { pulumi: "v3.300.0", host: true }, "path"],
    ["one that fits, and all else too", { pulumi: "v3.300.0", host: true, built: true, go: true }, "path"],
    ["too old, and Go", { pulumi: "v3.100.0", host: true, go: true }, "built now"],
    ["too old, and an earlier build", { pulumi: "v3.100.0", host: true, built: true }, "built before"],
    ["without its language host, and Go", { pulumi: "v3.300.0", go: true }, "built now"],
    ["a pulumi that says nothing, and Go", { pulumi: "", host: true, go: true }, "built now"],
    ["Go alone", { go: true }, "built now"],
    ["Go and an earlier build", { built: true, go: true }, "built before"],
    ["an earlier build alone", { built: true }, "built before"],
    ["too old, and no Go", { pulumi: "v3.100.0", host: true }, /version 3\.100\.0[\s\S]*no `go` on PATH/],
    ["nothing", {}, /None was found on PATH[\s\S]*no `go` on PATH/],
  ])("%s", async (_name, { pulumi, host, built, go }, expected) => {
    const { dir, bin, notes, surroundings } = machine();
    const onPath = join(bin, "pulumi");
    const cached = builtEngine(join(dir, "cache"), engineVersion());
    if (pulumi !== undefined) script(onPath, `echo ${pulumi}`);
    if (host) script(join(bin, "pulumi-language-nodejs"));
    if (go) fakeGo(bin, join(dir, "log"), 'echo now > "$out"');
    if (built) {
      mkdirSync(dirname(cached), { recursive: true });
      writeFileSync(cached, "before\n");
    }
    const engine = resolveEngine(surroundings);
    if (expected instanceof RegExp) {
      await expect(engine).rejects.toThrow(expected);
    } else if (expected === "path") {
      expect(await engine).toEqual({
        pulumi: onPath,
        version: "3.300.0",
        origin: "path",
        languageHost: true,
      });
    } else {
      const built = { pulumi: cached, version: engineVersion(), origin: "go", languageHost: false };
      expect(await engine).toEqual(built);
      expect(`built ${readFileSync(cached, "utf8")}`).toBe(`${expected}\n`);
    }
    // Whoever put one on PATH expects it to be used.
    const skipped = pulumi !== undefined && expected !== "path";
    expect(notes).toEqual(skipped ? [expect.stringContaining(`Skipping ${onPath}: `)] : []);
  });
});

describe("building an engine", () => {
  it("builds once, however many ask at the same time, and not again later", async () => {
    const { dir, bin, surroundings } = machine();
    const log = join(dir, "log");
    fakeGo(bin, log);
    const engines = await Promise.all([1, 2, 3].map(() => resolveEngine(surroundings)));
    engines.push(await resolveEngine(surroundings));
    expect(new Set(engines.map((engine) => engine.pulumi)).size).toBe(1);
    expect(readFileSync(engines[0]?.pulumi ?? "", "utf8")).toBe("built\n");
    expect(readFileSync(log, "utf8")).toBe("build\n");
  });

  it("leaves nothing half-made when a build fails, and says what the compiler said", async () => {
    const { dir, bin, surroundings } = machine();
    fakeGo(bin, join(dir, "log"), 'echo half > "$out"; echo "out of memory" >&2; exit 1');
    await expect(resolveEngine(surroundings)).rejects.toThrow(/go build failed:\s+out of memory/);
    const cached = builtEngine(join(dir, "cache"), engineVersion());
    expect(existsSync(cached)).toBe(false);
    expect(readdirSync(dirname(dirname(cached)))).toEqual([]);
  });

  it("says what Go says where it cannot become the version that is asked for", async () => {
    const { bin, surroundings } = machine();
    script(join(bin, "go"), 'echo "go: download go1.26: no route to host" >&2; exit 1');
    await expect(resolveEngine(surroundings)).rejects.toThrow(
      new RegExp(`or Go ${goVersion()} or later [\\s\\S]*: go cannot be used: go: download go1.26: no route`),
    );
  });

  it("does not begin a build that the disk cannot hold", async () => {
    const { dir, bin, surroundings } = machine({ freeBytes: async () => 1024 ** 3 });
    const log = join(dir, "log");
    fakeGo(bin, log);
    await expect(resolveEngine(surroundings)).rejects.toThrow(/4\.0 GB of free disk, and \S+ has 1\.0 GB/);
    expect(existsSync(log)).toBe(false);
  });
});
