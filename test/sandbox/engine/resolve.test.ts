import { existsSync, mkdirSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { describe, expect, it } from "vitest";
import { builtEngine } from "../../../sandbox/engine/go-build";
import { engineVersion, resolveEngine } from "../../../sandbox/engine/resolve";
import type { Surroundings } from "../../../sandbox/engine/surroundings";
import { silentProgress } from "../../../src/text/progress";
import { processesIn, script, temporaryFolder } from "../support";

/** A machine whose PATH has only what the test puts there, besides what the system has. */
function machine(more: Partial<Surroundings> = {}) {
  const dir = temporaryFolder();
  const bin = join(dir, "bin");
  mkdirSync(bin);
  const notes: string[] = [];
  const surroundings: Surroundings = {
    env: { PATH: `${bin}:/usr/bin:/bin` },
    processes: processesIn(dir),
    progress: { ...silentProgress, note: (line) => notes.push(line) },
    cache: join(dir, "cache"),
    freeBytes: async () => 100 * 1024 ** 3,
    ...more,
  };
  return { dir, bin, notes, surroundings };
}

/** A `go` that "builds" a file and counts how often it was asked to. */
function fakeGo(bin: string, log: string, build = 'sleep 0.3; echo built > "$out"'): void {
  script(
    join(bin, "go"),
    'if [ "$1" = env ]; then printf "go1.26.0\\n/nowhere\\n"; exit 0; fi',
    `echo build >> ${log}`,
    'while [ "$1" != -o ]; do shift; done; out="$2"',
    build,
  );
}

describe("resolving an engine", () => {
  it("uses a recent one on PATH that has its language host", async () => {
    const { bin, surroundings } = machine();
    const pulumi = script(join(bin, "pulumi"), "echo v3.300.0");
    script(join(bin, "pulumi-language-nodejs"));
    expect(await resolveEngine(surroundings)).toEqual({
      pulumi,
      version: "3.300.0",
      origin: "path",
      languageHost: true,
    });
  });

  it("reports one that is too old, and goes on without it", async () => {
    const { dir, bin, notes, surroundings } = machine();
    script(join(bin, "pulumi"), "echo v3.100.0");
    script(join(bin, "pulumi-language-nodejs"));
    fakeGo(bin, join(dir, "log"));
    const engine = await resolveEngine(surroundings);
    expect(engine).toMatchObject({ origin: "go", version: engineVersion() });
    expect(notes.join("\n")).toMatch(/Skipping .*pulumi: it is version 3\.100\.0/);
  });

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

  it("explains itself where nothing works", async () => {
    const { surroundings } = machine();
    const env = { PATH: "/nowhere" };
    await expect(resolveEngine({ ...surroundings, env })).rejects.toThrow(
      /None was found on PATH[\s\S]*there is no `go` on PATH/,
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
