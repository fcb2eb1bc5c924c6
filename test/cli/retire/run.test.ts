import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { EXIT } from "../../../cli/exit";
import { METRICS } from "../../../cli/init/answers";
import { filesOf } from "../../../cli/init/files";
import { parseFlag } from "../../../cli/init/parse";
import { retireCommand } from "../../../cli/retire/run";
import type { RetireWorld } from "../../../cli/retire/world";
import type { LedgerEntry, Note } from "../../../src/flags/ledger";
import type { RetireStands } from "../../../src/rollout/retire";

const FOLDER = join(__dirname, "..", "..", "..");
const FLAGS = { OPS_VIEW_DB_READ: true, OPS_VIEW_DB_WRITE: true };

const entry = (deployment: number, kind: Note["kind"], rollout = "ops-view"): LedgerEntry => ({
  deployment,
  state: "complete",
  completedAt: "2026-11-20T08:00:00.000Z",
  configurationVersion: "4",
  note: { cutover: 1, rollout, kind, stage: "all", attempt: 1 },
});

const whole = (kind: Note["kind"], flags: Record<string, boolean> = FLAGS): RetireStands["store"] => ({
  kind: "whole",
  application: "app",
  ledger: {
    live: {
      ...entry(3, "promote"),
      completedAt: "2026-11-20T08:00:00.000Z",
      flags,
      undeclared: [],
      doors: {},
    },
    history: [entry(9, kind), entry(3, "promote")],
    newest: 9,
  },
});

const ready: RetireStands = {
  foundation: { stack: "baseline", holds: 12, application: { id: "app", protected: true } },
  stages: [
    { stack: "stageA", holds: 0 },
    { stack: "stageB", holds: 0 },
  ],
  store: whole("finish"),
  servers: { kind: "asked", said: [{ server: "ops-1", kind: "done", says: 'says "code"' }] },
};
const gone: RetireStands = {
  ...ready,
  foundation: { stack: "baseline", holds: 0 },
  store: { kind: "gone" },
};

/** Looks see these one after the other, the last one from then on. */
function worldOf(...seen: RetireStands[]) {
  const did: string[] = [];
  const statements: (string | undefined)[] = [];
  const world: RetireWorld = {
    look: async (statement) => {
      did.push("look");
      statements.push(statement);
      return (seen.length > 1 ? seen.shift() : seen[0]) as RetireStands;
    },
    takeStore: async (tell) => {
      did.push("store");
      tell("the environment env is deleted");
    },
    takeStack: async () => void did.push("stack"),
    remains: async () => ({ left: ["log group /cutover/ops-view/x"], unknown: [] }),
    close: () => void did.push("close"),
  };
  return { world, did, statements };
}

async function typed(
  world: RetireWorld,
  options: { yes?: boolean; serversDone?: string; folder?: string; answer?: string } = {},
) {
  const { answer, folder = FOLDER, ...rest } = options;
  const lines: string[] = [];
  const exit = await retireCommand({
    ...rest,
    folder,
    world,
    env: { AWS_REGION: "eu-central-1" },
    print: (line) => lines.push(line),
    ask: answer === undefined ? undefined : async () => answer,
  });
  return { exit, said: lines.join("\n") };
}

describe("cutover retire", () => {
  it("says what each flag must be in code, and who said so, before it takes anything away", async () => {
    const { world, did } = worldOf(ready, gone);
    const { exit, said } = await typed(world, { yes: true });
    expect(exit).toBe(EXIT.ok);
    expect(did).toEqual(["look", "store", "stack", "look", "close"]);
    const before = said.slice(0, said.indexOf("the environment env is deleted"));
    expect(before).toContain("finished by deployment 9 at 2026-11-20T08:00:00.000Z");
    expect(before).toMatch(/OPS_VIEW_DB_READ\s*│ true\s*│ \S/);
    expect(before).toMatch(/OPS_VIEW_DB_WRITE\s*│ true\s*│ \S/);
    expect(before).toContain('ops-1 says "code"');
    expect(said).toContain("left behind, to be deleted by hand: log group /cutover/ops-view/x");
    expect(said).toMatch(/stack rm stageB --preserve-config[\s\S]*stack rm baseline --preserve-config/);
  });

  it("asks for the rollout's name, and looks once more before it acts", async () => {
    const { world, did } = worldOf(ready, ready, gone);
    expect(await typed(world, { answer: "ops-view" })).toMatchObject({ exit: EXIT.ok });
    expect(did).toEqual(["look", "look", "store", "stack", "look", "close"]);
  });

  it.each<[string, string | undefined, RegExp]>([
    ["another name is typed", "ops", /NOTHING was taken away, since its name was not typed/],
    ["nobody sits there", undefined, /nobody can be asked here.*cutover -- retire --rollout ops-view --yes/],
  ])("takes nothing away where %s", async (_, answer, expected) => {
    const { world, did } = worldOf(ready);
    const { exit, said } = await typed(world, answer === undefined ? {} : { answer });
    expect(exit).toBe(EXIT.failed);
    expect(said).toMatch(expected);
    expect(did).toEqual(["look", "close"]);
  });

  it("takes nothing away where it was reopened while somebody was asked", async () => {
    const { world, did } = worldOf(ready, { ...ready, store: whole("abort") });
    const { exit, said } = await typed(world, { answer: "ops-view" });
    expect(exit).toBe(EXIT.blocked);
    expect(said).toContain("it is not finished");
    expect(did).toEqual(["look", "look", "close"]);
  });

  it("names all that stands in its way", async () => {
    const { world, did } = worldOf({
      ...ready,
      store: whole("promote"),
      stages: [{ stack: "stageA", holds: 3 }],
      servers: {
        kind: "asked",
        said: [
          { server: "ops-1", kind: "appconfig", says: 'says "appconfig"' },
          { server: "ops-2", kind: "unknown", says: "could not be asked: ECONNREFUSED" },
        ],
      },
    });
    const { exit, said } = await typed(world, { yes: true });
    expect(exit).toBe(EXIT.blocked);
    expect(said.match(/^ {2}- /gm)).toHaveLength(4);
    expect(did).toEqual(["look", "close"]);
  });

  it("says of a rollout that was given up that every flag is off", async () => {
    const off = { OPS_VIEW_DB_READ: false, OPS_VIEW_DB_WRITE: false };
    const { said } = await typed(worldOf({ ...ready, store: whole("abort", off) }, gone).world, {
      yes: true,
    });
    expect(said).toContain("given up, every flag is off");
    expect(said).toMatch(/OPS_VIEW_DB_READ\s*│ false/);
  });

  it("goes on where a part is gone already, and says so", async () => {
    const { world, did } = worldOf({ ...ready, store: { kind: "part", application: "app" } }, gone);
    const { exit, said } = await typed(world, { yes: true });
    expect(exit).toBe(EXIT.ok);
    expect(said).toContain("taken away in part already");
    expect(did).toEqual(["look", "store", "stack", "look", "close"]);
  });

  it("says how to go on where the stack is still there", async () => {
    const { exit, said } = await typed(worldOf(ready).world, { yes: true });
    expect(exit).toBe(EXIT.failed);
    expect(said).toMatch(/the stack baseline is NOT gone yet.*goes on from here: npm run cutover -- retire/);
  });

  it("typed after all is gone says so", async () => {
    const { world, did } = worldOf(gone);
    const { exit, said } = await typed(world);
    expect(exit).toBe(EXIT.ok);
    expect(said).toContain("all of it is gone already");
    expect(did).toEqual(["look", "close"]);
  });

  it("does not take an empty place for the right one while a server asks AppConfig", async () => {
    const servers: RetireStands["servers"] = {
      kind: "asked",
      said: [{ server: "ops-1", kind: "appconfig", says: 'says "appconfig"' }],
    };
    const { world, did } = worldOf({ ...gone, servers });
    const { exit, said } = await typed(world, { yes: true });
    expect(exit).toBe(EXIT.blocked);
    expect(said).toContain("the region, the account or the Pulumi backend may be another one");
    expect(said).not.toContain("gone already");
    expect(did).toEqual(["look", "close"]);
  });

  it("says that all is gone though a server fell silent meanwhile", async () => {
    const { world } = worldOf(ready, { ...gone, servers: { kind: "unlisted", why: "denied" } });
    expect(await typed(world, { yes: true })).toMatchObject({ exit: EXIT.ok });
  });

  it("takes no person's word where servers can be asked", async () => {
    const { world, did } = worldOf(ready);
    await expect(typed(world, { yes: true, serversDone: "trust me" })).rejects.toThrow(
      /each says for itself.*Leave it out/s,
    );
    expect(did).toEqual([]);
  });
});

describe("of a rollout that declares no servers", () => {
  let folder: string;
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), "cutover-retire-"));
    const paths = { program: "../index.ts", schema: "../stack.schema.json" };
    const search = {
      ...{ name: "search", flags: [parseFlag("SEARCH_READ")], stages: [{ name: "stageA" }] },
      metrics: METRICS,
    };
    for (const { name, text } of filesOf(search, paths))
      writeFileSync(join(folder, name), text.replace(/^ {4}servers:\n(?: {6}.*\n)+/m, ""));
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  it("a person's word is taken, and printed back", async () => {
    const stands: RetireStands = {
      ...ready,
      store: { kind: "part", application: "app" },
      servers: { kind: "undeclared", statement: "on all 40 hosts" },
    };
    const { world, statements } = worldOf(stands, gone);
    const { exit, said } = await typed(world, { yes: true, serversDone: " on all 40 hosts ", folder });
    expect(exit).toBe(EXIT.ok);
    expect(statements[0]).toBe("on all 40 hosts");
    expect(said).toContain("Your word for it: on all 40 hosts");
  });

  it("what was carried on to platforms stays there, and is named with its variables", async () => {
    const file = join(folder, "Pulumi.baseline.yaml");
    const before = readFileSync(file, "utf8");
    const delivery = "    delivery: { tasks: { kind: ssm, path: /search/flags, within: 30s } }\n";
    writeFileSync(
      file,
      before.replace(/^ {2}cutover:rollout:\n/m, (line) => line + delivery),
    );
    const { world } = worldOf(gone);
    const { exit, said } = await typed(world, { yes: true, serversDone: "on all 40 hosts", folder });
    writeFileSync(file, before);
    expect(exit).toBe(EXIT.ok);
    expect(said).toContain(
      "  tasks (SSM parameters, parameters below /search/flags): SEARCH_READ, CUTOVER_FLAGS_VERSION",
    );
  });

  it("is refused without one", async () => {
    const { world } = worldOf({ ...ready, servers: { kind: "undeclared", statement: undefined } });
    const { exit, said } = await typed(world, { yes: true, serversDone: "  ", folder });
    expect(exit).toBe(EXIT.blocked);
    expect(said).toContain('--servers-done "…"');
  });
});
