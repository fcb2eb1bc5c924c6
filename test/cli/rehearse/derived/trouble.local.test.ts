import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it, onTestFinished, vi } from "vitest";
import { initCommand } from "../../../../cli/init/run";
import { silentServers } from "../../../../cli/rehearse/derived/served";
import { whileTheyRun } from "../../../../cli/rehearse/ended";
import { rehearse } from "../../../../cli/rehearse/run";
import { type Rehearsal, Timeline, UnexpectedOutcome } from "../../../../cli/rehearse/timeline";
import { untilServed, type World } from "../../../../cli/rehearse/world";
import { loadRollout } from "../../../../src/rollout/load";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "trouble-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

const step = (name: string) => ({
  name,
  stack: null,
  expected: "done" as const,
  outcome: "done" as const,
  flagsBefore: {},
  flagsAfter: {},
  verdicts: {},
  ms: 1,
});

function timelineOf(printed: string[] = []) {
  return new Timeline("search", (line) => printed.push(line));
}

async function kept(timeline: Timeline): Promise<Rehearsal> {
  const file = join(folder, ".cutover", "rehearsal.json");
  await timeline.write(file);
  expect(readdirSync(join(folder, ".cutover"))).toEqual(["rehearsal.json"]);
  return JSON.parse(readFileSync(file, "utf8")) as Rehearsal;
}

describe("an app that ends by itself while it is rehearsed", () => {
  it("is a failed step with what it said, and nothing is added after it", async () => {
    const printed: string[] = [];
    const timeline = timelineOf(printed);
    timeline.add(step("baseline is brought up"));
    let goOn = () => {};
    const work = new Promise<void>((resolve) => {
      goOn = resolve;
    }).then(() => timeline.add(step("only, with every gate passing")));
    const ended = Promise.resolve("app-1 ended by itself. The end of its log:\nout of memory");
    await expect(whileTheyRun({ ended }, timeline, work)).rejects.toThrow(UnexpectedOutcome);
    goOn();
    await expect(work).rejects.toThrow(UnexpectedOutcome);
    const { ok, steps } = await kept(timeline);
    expect(ok).toBe(false);
    expect(steps.map(({ name, outcome }) => [name, outcome])).toEqual([
      ["baseline is brought up", "done"],
      ["the app goes on running", "failed"],
    ]);
    expect(steps[1]?.why).toEqual(["app-1 ended by itself. The end of its log:", "out of memory"]);
    expect(printed.join("\n")).not.toContain("every gate passing");
  });

  it("does not matter once all is done, nor where nobody watches it", async () => {
    const timeline = timelineOf();
    timeline.add(step("baseline is brought up"));
    await whileTheyRun({ ended: new Promise(() => {}) }, timeline, Promise.resolve());
    await whileTheyRun({}, timeline, Promise.resolve());
    expect((await kept(timeline)).ok).toBe(true);
  });
});

it("a rehearsal that breaks off did not come out well, though each of its steps did", async () => {
  const timeline = timelineOf();
  timeline.add(step("baseline is brought up"));
  timeline.broken();
  expect((await kept(timeline)).ok).toBe(false);
});

/** Servers of a rollout that has two flags, each of which answers in a way of its own, by its path. */
async function misled(answers: Readonly<Record<string, readonly [status: number, body: string]>>) {
  const server = createServer(({ url = "" }, answer) => {
    const [status, body] = answers[`/${url.split("/")[1]}`] ?? [404, ""];
    answer.writeHead(status).end(body);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => void server.close());
  const here = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  await initCommand({
    folder: join(folder, "new"),
    name: "new",
    flags: ["NEW", "OTHER"],
    stages: "one",
    print: () => {},
  });
  const { flags, servers } = loadRollout(join(folder, "new"));
  const asked = servers && { ...servers, path: "/flags", at: "flags" };
  const sandbox = { aws: { region: "us-east-1" }, closing: new AbortController().signal };
  const world = { sandbox } as unknown as Parameters<typeof silentServers>[2];
  const urls = (paths: readonly string[]) => paths.map((path) => `${here}${path}`);
  return {
    of: (...paths: string[]) => silentServers({ flags, servers: asked }, urls(paths), world),
    none: () => silentServers({ flags, servers: undefined }, [here], world),
    world: (...paths: string[]) =>
      ({
        sandbox,
        fleet: { urls: urls(paths) },
        servedFlags: async () => paths.map(() => ({})),
        untold: () => silentServers({ flags, servers: asked }, urls(paths), world),
      }) as unknown as World,
  };
}

const told = (flags: object): [number, string] => [200, JSON.stringify({ flags })];

it("servers that do not tell their flags are told of, each with what it answers", async () => {
  const { of, none } = await misled({
    "/good": told({ NEW: false, OTHER: false }),
    "/text": [200, "fine"],
    "/elsewhere": [200, '{"data":{"NEW":false}}'],
    "/lacks": told({ OTHER: true }),
    "/none": told({}),
    "/moment": [503, ""],
    "/busy": [429, ""],
  });
  expect(await of("/good")).toEqual([]);
  const soon = { lastsMs: 20_000 };
  expect(await of("/good", "/gone", "/text", "/elsewhere", "/lacks")).toEqual([
    { says: expect.stringMatching(/\/gone does not tell its flags at \/flags: answered 404$/), ...soon },
    { says: expect.stringMatching(/does not tell its flags at \/flags: .*JSON/), ...soon },
    { says: expect.stringMatching(/at \/flags: tells no flags at flags$/), ...soon },
    { says: expect.stringMatching(/\/lacks tells at \/flags \(flags\) nothing of NEW$/), ...soon },
  ]);
  // Flags may come late, and a server may answer so for a moment.
  expect(await of("/none")).toEqual([
    { says: expect.stringMatching(/nothing of NEW, OTHER$/), lastsMs: 100_000 },
  ]);
  for (const path of ["/moment", "/busy"])
    expect(await of(path)).toEqual([{ says: expect.stringContaining("answered") }]);
  expect(await none()).toEqual([]);
});

it("what every server answers so for long enough is not waited for to the end", async () => {
  // Each look at the clock takes a second; a wait to the end would outlast the test.
  let now = 0;
  vi.spyOn(performance, "now").mockImplementation(() => (now += 1_000));
  onTestFinished(() => void vi.restoreAllMocks());
  const { world } = await misled({});
  const flags = { NEW: false, OTHER: false };
  expect(await untilServed(world("/gone", "/gone-too"), flags, true)).toEqual({});
});

it("stack files without a project file are refused before anything is opened", async () => {
  await initCommand({ folder, name: "new", flags: ["NEW"], stages: "one", print: () => {} });
  rmSync(join(folder, "Pulumi.yaml"));
  const temp = mkdtempSync(join(tmpdir(), "trouble-"));
  onTestFinished(() => rmSync(temp, { recursive: true }));
  vi.stubEnv("TMPDIR", temp);
  onTestFinished(() => void vi.unstubAllEnvs());
  await expect(rehearse({ cwd: folder })).rejects.toThrow(
    /^This cannot be rehearsed:\n {2}- .*Pulumi\.yaml: is not there/,
  );
  expect(readdirSync(temp)).toEqual([]);
});

describe("a machine that nothing can be opened on", () => {
  it("is said to have a TMPDIR that cannot be written, and nothing is left beside the stack files", async () => {
    const own = join(folder, "new");
    await initCommand({ folder: own, name: "new", flags: ["NEW"], stages: "one", print: () => {} });
    const before = readdirSync(own);
    vi.stubEnv("TMPDIR", "/proc/none");
    onTestFinished(() => void vi.unstubAllEnvs());
    await expect(rehearse({ cwd: own })).rejects.toThrow(
      /^The sandbox's folder cannot be made:\n {2}- \/proc\/none: .* Set TMPDIR/,
    );
    expect(readdirSync(own)).toEqual(before);
  });
});
