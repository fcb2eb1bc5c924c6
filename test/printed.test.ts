import { execFile } from "node:child_process";
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import pLimit from "p-limit";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { parseDocument } from "yaml";
import { METRICS } from "../cli/init/answers";
import { filesOf } from "../cli/init/files";
import { parseFlag } from "../cli/init/parse";
import { markdownOf } from "../cli/preview/markdown";
import { troubleOf } from "../cli/preview/trouble";
import { viewOf } from "../cli/preview/view";
import { renderRunbook } from "../cli/runbook/render";
import { renderStatus } from "../cli/status/render";
import { statusView } from "../cli/status/view";
import { drillPage } from "../src/abort/drillPage";
import { type Done, page } from "../src/abort/pages";
import { type ReminderWorld, remind } from "../src/abort/reminder";
import { announcement, report } from "../src/messages/texts";
import { loadRollout } from "../src/rollout/load";
import { type Rollout, requireStage } from "../src/rollout/rollout";
import { COMMAND, placeAt } from "../src/text/command";
import { PLAIN } from "../src/text/page";
import { redactor } from "../src/text/redact";

/**
 * Types every command of what is printed, as it is printed, where its reader may stand, and looks at what it reached.
 * The rollout that it is printed for has the stage names of the one in the checkout's root, and the shell is set to
 * another region.
 */

const PROJECT = join(__dirname, "..");
const REGION = "eu-central-1";
const ELSEWHERE = "us-east-1";
const COPIED = ["cli", "src", "policies", "rollouts", "sandbox", "components", "index.ts", "package.json"];
const FILES = ["package-lock.json", "start.cjs", "spare.cjs", "tsconfig.json", "Pulumi.yaml"];
const STACKS = ["baseline", "stageA", "stageB"].map((stack) => `Pulumi.${stack}.yaml`);

let home: string;
let checkout: string;
let server: Server;
const asked: { at: number; path: string; body: string; auth: string }[] = [];

beforeAll(async () => {
  home = realpathSync(mkdtempSync(join(tmpdir(), "cutover-printed-")));
  checkout = join(home, "checkout");
  mkdirSync(checkout);
  for (const name of [...COPIED, ...FILES, ...STACKS])
    cpSync(join(PROJECT, name), join(checkout, name), { recursive: true });
  symlinkSync(realpathSync(join(PROJECT, "node_modules")), join(checkout, "node_modules"));
  writeRollout(join(checkout, "rollouts", "search"));
  writeRollout(join(home, "apart", "search"));
  mkdirSync(join(home, "bin"));
  writeFileSync(join(home, "bin", "pulumi"), '#!/bin/sh\necho "$PWD" >> "$HOME/pulumi.log"\nexit 1\n', {
    mode: 0o755,
  });
  server = createServer((request, response) => {
    let body = "";
    request.on("data", (part) => (body += part));
    request.on("end", () => {
      const path = request.url ?? "";
      asked.push({ at: Date.now(), path, body, auth: String(request.headers.authorization) });
      const found = /^\/applications(\?|$)/.test(path);
      response.writeHead(found ? 200 : 404, {
        "content-type": "application/json",
        "x-amzn-errortype": "ResourceNotFoundException",
      });
      const Items = [
        { Id: "appsearch", Name: "search" },
        { Id: "appopsview", Name: "ops-view" },
      ];
      response.end(
        JSON.stringify(found ? { Items } : { __type: "ResourceNotFoundException", message: "none" }),
      );
    });
  });
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
}, 120_000);
afterAll(() => {
  server?.close();
  rmSync(home, { recursive: true, force: true });
});

/** What `cutover init` writes, with servers and a row that asks for a decision. */
function writeRollout(folder: string): void {
  mkdirSync(folder, { recursive: true });
  const flags = ["SEARCH_READ", "SEARCH_WRITE"].map(parseFlag);
  const paths = { program: "../../index.ts", schema: "../../docs/reference/stack.schema.json" };
  for (const { name, text } of filesOf(
    { name: "search", flags, stages: [{ name: "stageA" }, { name: "stageB" }], metrics: METRICS },
    paths,
  )) {
    const document = parseDocument(text);
    if (name === "Pulumi.baseline.yaml") {
      document.setIn(["config", "aws:region"], REGION);
      document.setIn(["config", "cutover:rollout", "servers"], {
        urls: ["https://app.example.com"],
        path: "/flags",
      });
    }
    if (name === "Pulumi.stageA.yaml") {
      document.setIn(["config", "cutover:stage", "abort", "XA1", "action"], "page");
      document.setIn(["config", "cutover:stage", "abort", "XA1", "remind"], { after: "1h" });
    }
    writeFileSync(join(folder, name), document.toString());
  }
}

interface Typed {
  readonly code: number;
  readonly output: string;
  readonly requests: typeof asked;
  /** Where `pulumi` was run. */
  readonly stacks: readonly string[];
}

/** Types a line in a shell that stands in `folder`, with a reason where it leaves one blank. */
function type(printed: string, folder: string): Promise<Typed> {
  const line = printed.replace('"…"', '"a test"');
  const from = asked.length;
  const log = join(home, "pulumi.log");
  rmSync(log, { force: true });
  const env = {
    HOME: home,
    PATH: `${join(home, "bin")}:${process.env.PATH}`,
    AWS_REGION: ELSEWHERE,
    AWS_ENDPOINT_URL: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    AWS_ACCESS_KEY_ID: "test",
    AWS_SECRET_ACCESS_KEY: "test",
    NO_COLOR: "1",
  };
  return new Promise((done) => {
    const child = execFile("sh", ["-c", line], { cwd: folder, env, timeout: 90_000 }, (_, stdout, stderr) =>
      done({
        code: child.exitCode ?? 1,
        output: stdout + stderr,
        requests: asked.slice(from),
        stacks: existsSync(log) ? readFileSync(log, "utf8").trim().split("\n") : [],
      }),
    );
  });
}

/** The commands in a text: whole lines of shell blocks, and what stands within sentences. */
function commandsIn(text: string): string[] {
  // Beside commands of this project a runbook has lines for other programs: those are typed elsewhere.
  const blocks = [...text.matchAll(/```sh\n([\s\S]*?)```/g)]
    .flatMap(([, block = ""]) => block.trim().split("\n"))
    .filter((line) => line.includes(" run cutover -- "));
  const sentences = text.replaceAll(/```[\s\S]*?```/g, "").replaceAll("`", "\n");
  return [...blocks, ...[...sentences.matchAll(COMMAND)].map(([command]) => command)];
}

/** All that is printed about stageA to people who stand anywhere. */
async function printed(rollout: Rollout): Promise<string[]> {
  const stage = requireStage(rollout, "stageA");
  const specs = rollout.flags;
  const row = {
    row: "XA1",
    title: "Errors",
    action: "page",
    limit: "> 0",
    remind: { after: "1h", afterMs: 1 },
  } as const;
  const alarm = {
    ...row,
    name: "search-stageA-XA1",
    state: "ALARM",
    reason: "1 > 0",
    at: "2026-11-21T10:00:00.000Z",
  } as const;
  const config = {
    ...{
      rollout: "search",
      region: REGION,
      stage: "stageA",
      attempt: 1,
      specs,
      floor: {},
      restart: [],
    },
    ...{ store: { applicationId: "", environmentId: "", profileId: "", strategyId: "" }, topicArn: "" },
    alarms: { "search-stageA-XA1": row },
    topics: { onCall: "", ops: "", stakeholders: "" },
  };
  const outcome = { before: {}, after: {}, stopped: [], ms: 1, why: "down" } as never;
  const kinds: Done[] = [
    { kind: "lowered", outcome, followers: [] },
    { kind: "nothing", outcome },
    { kind: "page-only" },
    { kind: "failed", reason: "AccessDenied" },
  ];
  const sent: string[] = [];
  const unreadable = () => Promise.reject(new Error("unreadable"));
  const world: ReminderWorld = {
    store: { read: unreadable, entry: unreadable },
    publish: async (_, { text }) => void sent.push(text),
    schedule: async () => {},
    decisions: async () => new Set(),
    keep: async () => {},
    log: () => {},
    now: () => Date.parse(alarm.at) + 3_600_000,
  };
  await remind({ cutover: 1, remind: "XA1", at: alarm.at }, config, world, async () => {});
  const message = { title: "Search", to: ["ops"], when: "before" } as const;
  const about = {
    rollout: "search",
    region: REGION,
    stage: "stageA",
    attempt: 1,
    row: "C1",
    message,
  } as never;
  const lived = { since: alarm.at, forMs: 1, flags: {} };
  const place = { rollout: "search", region: REGION };
  const troubles = [
    "no stack named 'stageA' found",
    "is currently locked by",
    "No AWS region is set",
    "nobody knows",
  ];
  return [
    ...kinds.map((done) => page(config, alarm, done, "K7QM2-XWD9F").text),
    drillPage(config, alarm, {
      ...{ kind: "deployed", deployment: 4, token: alarm.at, flags: {}, ms: 1, code: "K7QM2-XWD9F" },
    } as const).text,
    ...(["refused", "failed"] as const).map((kind) => drillPage(config, alarm, { kind, why: "" }).text),
    ...sent,
    announcement(about, { from: {}, to: {} }, 0).text,
    report(about, lived, { soak: { verdicts: [], others: ["E2"] } }).text,
    ...["", ...troubles].map((said) => {
      const trouble =
        said === "" ? undefined : troubleOf({ stage: "stageA", errors: [`error: ${said}`], printed: "" });
      const facts = { name: "search", stage: "stageA", place, rollout, ...(trouble ? { trouble } : {}) };
      const view = viewOf(facts, redactor({ secrets: [], hosts: [] }));
      // Also as it is where it had to be cut.
      return `${markdownOf(view)}\n${markdownOf(view, 900)}`;
    }),
  ]
    .flatMap(commandsIn)
    .concat(
      commandsIn(
        renderRunbook(
          rollout,
          stage,
          {},
          placeAt("search", join(checkout, "rollouts", "search"), checkout, REGION),
        ),
      ),
      commandsIn(
        renderStatus(
          statusView({
            ...{ rollout, place, region: REGION, now: 0, timeScale: 1, alarms: { ok: true, value: {} } },
            ...{
              told: { ok: true, value: {} },
              paged: { ok: true, value: [] },
              ledger: { ok: true, value: undefined },
            },
            unarmed: { ok: true, value: [] },
            remains: { left: ["alarm search-stageA-XA1"], unknown: [] },
          }),
          { width: 60, paints: PLAIN, all: false },
        ).join("\n"),
      ),
    );
}

/** Whatever it said and asked, it was of `search`, in its region, and of no other rollout. */
function addressed(line: string, { output, requests, stacks }: Typed, folder: string): void {
  const seen = `${line}\n${output}\n${requests.map(({ path, body }) => `${path} ${body}`).join("\n")}`;
  expect(output, seen).not.toMatch(/Usage:|error: (unknown|missing)|Missing script|ops-view/);
  const own = requests.filter(({ path, body }) => /appsearch|search/.test(path + body));
  expect(
    requests.filter(({ path, body }) => /appopsview|ops-view/.test(path + body)),
    seen,
  ).toEqual([]);
  for (const { auth } of requests) expect(auth, seen).toContain(`/${REGION}/`);
  for (const where of stacks) expect(where, seen).toBe(folder);
  expect(stacks.length + own.length + (output.includes("Runbook of search") ? 1 : 0), seen).toBeGreaterThan(
    0,
  );
}

describe("typed as it is printed", () => {
  test("it reaches the rollout that it speaks of", { timeout: 600_000 }, async () => {
    const folder = join(checkout, "rollouts", "search");
    const lines = [...new Set(await printed(loadRollout(folder)))];
    const spoken = lines.map((line) => / run cutover -- (\w+)/.exec(line)?.[1]);
    expect(new Set(spoken)).toEqual(
      new Set(["abort", "ack", "dismiss", "drill", "check", "status", "preview", "runbook", "in"]),
    );
    const limit = pLimit(3);
    // In the checkout's root every command that names no rollout is one of ops-view.
    for (const line of lines) expect(line).toContain("--rollout search");
    for (const from of [checkout, folder]) {
      const some =
        from === checkout
          ? lines
          : lines.filter((line) => / -- (abort --\S+ \S+ \S+ \S+ -s|status)/.test(line));
      // One at a time: whose request it was is told by when it came.
      for (const line of some) addressed(line, await limit(() => type(line, from)), folder);
    }
  });

  test("of a rollout outside of the checkout it does so from anywhere", { timeout: 120_000 }, async () => {
    const folder = join(home, "apart", "search");
    const rollout = loadRollout(folder);
    const place = placeAt("search", folder, checkout, REGION);
    const lines = commandsIn(renderRunbook(rollout, requireStage(rollout, "stageA"), {}, place));
    for (const command of ["abort", "in"]) {
      const line = lines.find((one) => one.includes(` -- ${command} `)) ?? "";
      addressed(line, await type(line, home), folder);
    }
  });
});

describe("npm's change of folder is undone:", () => {
  test("a command that names no rollout is about the folder that it is typed in", {
    timeout: 120_000,
  }, async () => {
    const folder = join(checkout, "rollouts", "search");
    const typed = await type('npm run cutover -- abort -s stageA --region eu-central-1 --reason "…"', folder);
    addressed("abort", typed, folder);
    await type("npm run -s cutover -- runbook -s stageA -o here.md", folder);
    expect(existsSync(join(checkout, "here.md"))).toBe(false);
    expect(readFileSync(join(folder, "here.md"), "utf8")).toContain("# Runbook of search");
  });

  test("an abort that names none is refused where there is none, or more than one, with the candidates", {
    timeout: 120_000,
  }, async () => {
    const several = join(checkout, "rollouts");
    const none = await type('npm run -s cutover -- abort -s stageA --reason "…"', several);
    expect(none.output).toContain("no stack file here declares one");
    expect(none.output).toMatch(/one of ops-view \(its root\), search \(rollouts\/search\), v2-pipeline/);
    expect({ code: none.code, requests: none.requests }).toEqual({ code: 1, requests: [] });
    cpSync(join(checkout, "Pulumi.baseline.yaml"), join(checkout, "rollouts", "search", "Pulumi.other.yaml"));
    const two = await type(
      'npm run -s cutover -- abort --all --reason "…"',
      join(checkout, "rollouts", "search"),
    );
    rmSync(join(checkout, "rollouts", "search", "Pulumi.other.yaml"));
    expect(two.output).toContain("the stack files here declare search and ops-view");
    expect({ code: two.code, requests: two.requests }).toEqual({ code: 1, requests: [] });
  });
});
