import { existsSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import { beforeEach, describe, expect, it, vi } from "vitest";
import { envCommand } from "../../../cli/sandbox/env";
import { freeName } from "../../../cli/sandbox/find";
import { stopCommand } from "../../../cli/sandbox/stop";
import { writeRecord } from "../../../sandbox/host/record";
import { environment, isAlive, processesIn, temporaryFolder, until } from "../../sandbox/support";

/** Where this test's sandboxes are: those that really run on this machine are no matter of it. */
let temp: string;
beforeEach(() => {
  temp = temporaryFolder();
  vi.stubEnv("TMPDIR", temp);
  return () => vi.unstubAllEnvs();
});

/** A sandbox as it is left running: a folder, its record, and a program for each service. */
async function left(name: string, folder: string, services = ["app"]) {
  const dir = join(temp, `cutover-${folder}`);
  mkdirSync(dir);
  const processes = processesIn(dir);
  const started = await Promise.all(
    services.map((service) => processes.spawn(service, "sleep", ["600"], { env: environment() })),
  );
  await writeRecord({
    name,
    dir,
    mark: processes.mark,
    services: processes.services,
    opened: new Date().toISOString(),
    env: { AWS_REGION: "us-east-1", PGPASSWORD: "hush" },
  });
  return { dir, pids: started.map(({ pid }) => pid), end: (at: number) => started[at]?.stop() };
}

async function stop(asked?: string) {
  const said: string[] = [];
  const code = await stopCommand(asked, (line) => said.push(line));
  return { code, said: said.join("\n") };
}

async function env(asked?: string) {
  let written = "";
  const warned: string[] = [];
  const code = await envCommand({
    asked,
    format: "json",
    env: {},
    write: (text) => {
      written += text;
    },
    warn: (line) => warned.push(line),
  });
  return { code, exported: JSON.parse(written), warned };
}

describe("stop", () => {
  it("ends the only one that runs, and says the next time that nothing is left", async () => {
    const { dir, pids } = await left("search", "aaaaaa");
    expect(await stop()).toEqual({
      code: 0,
      said: `The sandbox search is stopped, and nothing is left of it: ${dir} is removed.`,
    });
    expect(existsSync(dir)).toBe(false);
    expect(pids.filter(isAlive)).toEqual([]);
    expect(await stop()).toEqual({ code: 0, said: "Nothing is left to stop: no sandbox runs." });
    expect((await stop("search")).said).toBe("Nothing is left to stop: there is no sandbox search.");
    expect((await stop(dir)).said).toBe(`Nothing is left to stop: there is no sandbox ${dir}.`);
  });

  it("lists them where there are several, each with what to type, and ends none", async () => {
    const one = await left("search", "aaaaaa");
    const two = await left("checkout", "bbbbbb");
    const error = await stop().catch((thrown: Error) => thrown);
    expect(String(error)).toMatch(/2 sandboxes run:/);
    expect(String(error)).toMatch(
      /- search: is in \S+aaaaaa, since \S+\. npm \S+ \S+ run cutover -- sandbox stop search$/m,
    );
    expect(String(error)).toMatch(/- checkout: .* sandbox stop checkout$/m);
    expect([...one.pids, ...two.pids].every(isAlive)).toBe(true);
    // By its folder's own name as well as by its name and by its folder.
    expect((await stop("cutover-aaaaaa")).code).toBe(0);
    expect((await stop("checkout")).code).toBe(0);
    expect([...one.pids, ...two.pids].filter(isAlive)).toEqual([]);
  });

  it("asks for the folder where two are named alike", async () => {
    const one = await left("search", "aaaaaa");
    const two = await left("search", "bbbbbb");
    const error = await stop("search").catch((thrown: Error) => thrown);
    expect(String(error)).toMatch(/2 sandboxes are named search:/);
    for (const { dir } of [one, two]) expect(String(error)).toContain(`sandbox stop ${dir}`);
    expect((await stop(one.dir)).code).toBe(0);
    expect(two.pids.every(isAlive)).toBe(true);
  });

  it("says which there are where none is named so", async () => {
    const { pids } = await left("search", "aaaaaa");
    await expect(stop("serach")).rejects.toThrow(/^No sandbox is named serach; there is:\n {2}- search: /);
    expect(pids.every(isAlive)).toBe(true);
  });

  it("removes what is left of one whose processes have all ended", async () => {
    const { dir, end } = await left("search", "aaaaaa");
    await end(0);
    await left("checkout", "bbbbbb");
    await expect(stop()).rejects.toThrow(/search: .*; nothing of it runs any more\./);
    expect((await stop("search")).code).toBe(0);
    expect(existsSync(dir)).toBe(false);
  });
});

describe("env", () => {
  it("prints what the only one exports", async () => {
    await left("search", "aaaaaa");
    const { code, exported, warned } = await env();
    expect({ code, warned }).toEqual({ code: 0, warned: [] });
    expect(exported).toMatchObject({ AWS_REGION: "us-east-1", PGPASSWORD: "hush" });
  });

  it("says so where none runs, and where it is not clear which is meant", async () => {
    await expect(env()).rejects.toThrow(/^No sandbox runs:\n.* sandbox start$/);
    await expect(env("search")).rejects.toThrow(/^There is no sandbox search:/);
    await left("search", "aaaaaa");
    await left("checkout", "bbbbbb");
    await expect(env()).rejects.toThrow(/^2 sandboxes run:(\n.* sandbox env \w+){2}$/);
    expect((await env("checkout")).code).toBe(0);
  });

  it("warns where a part has ended, and prints nothing where all has", async () => {
    const { pids, end } = await left("search", "aaaaaa", ["front-1", "postgres-2"]);
    await end(0);
    await until("it has ended", () => !isAlive(pids[0] as number));
    expect((await env()).warned.join()).toMatch(/^Of the sandbox search this has ended by itself: front-1\./);
    await end(1);
    const error = await env().catch((thrown: Error) => thrown);
    expect(String(error)).toMatch(
      /Nothing of the sandbox search runs any more:\n.*Remove it: .* sandbox stop \S+aaaaaa$/,
    );
    expect(String(error)).not.toContain("hush");
  });
});

it.each([
  ["search", [], "search"],
  ["search", ["search"], "search-2"],
  ["search", ["search", "search-2", "search-4"], "search-3"],
])("a free name for %s beside %j is %s", (wanted, taken, name) => {
  expect(freeName(wanted, taken)).toBe(name);
});
