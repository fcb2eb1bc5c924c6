import { execFile } from "node:child_process";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { promisify } from "node:util";
import { serve } from "@hono/node-server";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { renderRunbook } from "../../../cli/runbook/render";
import { databaseUrl } from "../../../sandbox/appEnv";
import { createApp } from "../../../sandbox/demo/ops-view/app";
import { FaultSwitch } from "../../../sandbox/demo/ops-view/faults";
import { DECLARED } from "../../../sandbox/demo/ops-view/flags/document";
import { rosterOf } from "../../../sandbox/demo/ops-view/identity";
import { KNOWN, knownItems } from "../../../sandbox/demo/ops-view/known-items";
import { migrate } from "../../../sandbox/demo/ops-view/migrate";
import { seed } from "../../../sandbox/demo/ops-view/seed";
import { Signals } from "../../../sandbox/demo/ops-view/signals/signals";
import { storesFor } from "../../../sandbox/demo/ops-view/stores/choose";
import { LocalState } from "../../../sandbox/demo/ops-view/stores/local-state";
import { gatePlace } from "../../../sandbox/postgres/reach";
import { openSqlSource, type SqlSource } from "../../../src/gates/database";
import type { Gate } from "../../../src/gates/gate";
import { judge } from "../../../src/gates/judge";
import type { Sources } from "../../../src/gates/look";
import { lookAt } from "../../../src/gates/looks";
import { observe } from "../../../src/promotion/measure";
import { exitGatesOf, gatesFor, smokeGatesOf } from "../../../src/promotion/resolve";
import { loadRollout } from "../../../src/rollout/load";
import { type Rollout, requireStage } from "../../../src/rollout/rollout";
import { NOWHERE, served } from "../../sandbox/demo/service/served";
import { startTestServer, type TestServer } from "../../support/postgres";

/** Types the runbook's lines for the database and the service, and holds them against what the gates themselves see. */

const CONTEXT = { now: Date.now(), timeScale: 1, attempt: 1 };
const TOKENS = { analyst: "t-analyst", verifier: "t-verifier", admin: "t-admin" };
const FOLDER = join(__dirname, "..", "..", "..");

let server: TestServer;
let sql: SqlSource;
let app: ReturnType<typeof serve>;
let rollout: Rollout;
let sources: Sources;
let env: NodeJS.ProcessEnv;

beforeAll(async () => {
  server = await startTestServer();
  await migrate(server.admin);
  await seed(server.admin, { tokens: TOKENS });
  const { user, password } = server.connection;
  const login = { ...gatePlace(server.connection), user, password };
  sql = openSqlSource(login);
  const faults = new FaultSwitch();
  const service = createApp({
    server: "ops-1",
    flags: served(DECLARED, () => ({
      flags: { OPS_VIEW_DB_READ: true, OPS_VIEW_DB_WRITE: true },
      version: "1",
    })),
    storesFor: storesFor(
      server.admin,
      new LocalState(knownItems(KNOWN)),
      rosterOf(TOKENS, KNOWN.workspace),
      faults,
    ),
    signals: new Signals(NOWHERE),
    faults,
  });
  await new Promise<void>((done) => {
    app = serve({ fetch: service.fetch, port: 0, hostname: "127.0.0.1" }, () => done());
  });
  const url = `http://127.0.0.1:${(app.address() as AddressInfo).port}`;
  const shipped = loadRollout(FOLDER);
  const servers = shipped.servers && { ...shipped.servers, urls: [url, url] };
  rollout = { ...shipped, service: { url }, ...(servers ? { servers } : {}) };
  const liveSince = new Date(Date.now() - 3_600_000).toISOString();
  sources = {
    ledger: { live: { completedAt: liveSince } },
    ...{ parameters: rollout.parameters, checks: {}, sql, service: { url, tokens: TOKENS } },
    ...{ servers: rollout.servers, region: "us-east-1", timeScale: 1 },
  } as unknown as Sources;
  env = {
    ...process.env,
    DATABASE_URL: databaseUrl(server.connection),
    LIVE_SINCE: liveSince,
    ...Object.fromEntries(
      Object.entries(TOKENS).map(([role, token]) => [`${role.toUpperCase()}_TOKEN`, token]),
    ),
  };
}, 120_000);
afterAll(async () => {
  app?.close();
  await sql?.close();
  await server?.stop();
});

/** The lines to type below a row's heading, one block each. */
function blockOf(stage: string, id: string): string {
  const markdown = renderRunbook(rollout, requireStage(rollout, stage), {});
  const section = markdown.split(/^#{2,3} /m).find((part) => part.startsWith(`${id}: `)) ?? "";
  return /```sh\n([\s\S]*?)```/.exec(section)?.[1] ?? "";
}

async function typed(lines: string): Promise<{ stdout: string; stderr: string }> {
  return promisify(execFile)("bash", ["--norc", "-c", lines], { env });
}

function gateOf(stage: string, id: string): Gate {
  const of = requireStage(rollout, stage);
  const gates = [...gatesFor(rollout, of), ...smokeGatesOf(rollout, of), ...exitGatesOf(rollout, of)];
  const gate = gates.find((one) => one.id === id);
  if (!gate) throw new Error(`there is no gate ${id} of ${stage}`);
  return gate;
}

/** Every gate of the stages that reads the database. */
const QUERIES = loadRollout(FOLDER).stages.flatMap(({ name, entry, smoke, exit }) =>
  Object.entries({ ...entry, ...smoke, ...exit }).flatMap(([id, { source }]) =>
    source === "sql" ? [[name, id] as const] : [],
  ),
);

describe("typed as it is printed, a line shows what the gate sees:", () => {
  test.each(QUERIES)("the query of %s %s", async (stage, id) => {
    const seen = await lookAt(gateOf(stage, id), sources);
    if (seen.kind !== "value") throw new Error(JSON.stringify(seen));
    const { stdout } = await typed(blockOf(stage, id));
    const [value, samples] = stdout.trim().split("\n");
    expect(value).toBe(String(seen.value));
    expect(samples).toBe(seen.samples === undefined ? undefined : String(seen.samples));
  });

  test.each([
    ["stageA", "SA1", /^\d+$/],
    ["stageA", "SA2", /^true$/],
    // The first answer, which nothing is asked of, is printed as it came.
    ["stageA", "SA4", /}\d+$/],
    ["stageA", "E3", /^true$/],
    ["stageB", "F5", /^true$/],
  ])("the requests of %s %s", async (stage, id, last) => {
    const gate = gateOf(stage, id);
    const verdict = judge(gate, await observe(gate, { ...sources, acting: true }, sql, {}), CONTEXT);
    // How fast this machine is is none of it.
    if (id !== "SA4") expect(verdict.outcome, verdict.observed).toBe("pass");
    const { stdout, stderr } = await typed(blockOf(stage, id));
    expect(stdout.trim().split("\n").at(-1)).toMatch(last);
    expect(stderr).toMatch(/http_code: 20\d\ntime_total: \d+\.\d+/);
  });

  test("the flags of every server", async () => {
    const lines = blockOf("stageA", "A2").replace(/^printenv.*$/m, "");
    const { stdout } = await typed(lines);
    const flags = { OPS_VIEW_DB_READ: true, OPS_VIEW_DB_WRITE: true };
    expect(JSON.parse(`[${stdout.replaceAll("}\n{", "},{")}]`)).toEqual([flags, flags]);
  });
});

test("what an abort row says to look at can be typed, too", async () => {
  for (const [stage, id] of [
    ["stageA", "XA2"],
    ["stageB", "XB3"],
    ["stageB", "XB4"],
  ] as const) {
    const lines = blockOf(stage, id).split(/^(?=(?:psql|aws) )/m);
    for (const line of lines.filter((one) => one.startsWith("psql "))) await typed(line);
  }
  const { stdout } = await typed(
    `DATABASE_OWNER_URL=$DATABASE_URL\n${blockOf("stageA", "XA4").match(/^psql .*$/m)?.[0] ?? "false"}`,
  );
  expect(stdout).toContain("wait_event_type");
});
