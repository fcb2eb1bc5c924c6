import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { gatePlace } from "../../../../sandbox/postgres/reach";
import { type StandIn, startStandIn } from "../../../../sandbox/standin/service/fleet";
import { askServer } from "../../../../src/abort/drillServers";
import { drillDocument, flagDocument } from "../../../../src/flags/document";
import { openSqlSource, type SqlSource } from "../../../../src/gates/database";
import { loadRollout } from "../../../../src/rollout/load";
import {
  type Demo,
  declareService,
  fill,
  OFF,
  openDemo,
  READ,
  restartService,
  SERVICE,
  TOKENS,
} from "../../demo/ops-view/demo";
import { scriptAt } from "./rollouts";
import { outcomeOf } from "./served";

const rollout = loadRollout(join(__dirname, "..", "..", "..", ".."));
const { servers = { path: "", at: "" } } = rollout;
const script = scriptAt(rollout);

/** Two stand-ins of one rollout: servers that ask for flags all the while, and such that a deployment starts anew. */
let demo: Demo;
let polling: StandIn;
let restarted: StandIn;
let sql: SqlSource;

beforeAll(async () => {
  demo = await openDemo();
  await fill(demo);
  await declareService(demo);
  sql = openSqlSource({ ...demo.sandbox.postgres, ...gatePlace(demo.sandbox.postgres) });
  const of = { sandbox: demo.sandbox, rollout, count: 2, flags: demo.flags, tokens: TOKENS };
  [polling, restarted] = await Promise.all([
    startStandIn(of),
    startStandIn({ ...of, restartedWith: SERVICE }),
  ]);
});
afterEach(() => polling?.faults({}));
afterAll(async () => {
  await sql?.close();
  await demo?.close();
});

const told = ({ urls }: StandIn) => Promise.all(urls.map((url) => askServer(url, servers)));
const flagsOf = async (fleet: StandIn) => (await told(fleet)).map(({ flags }) => flags);
const row = (name: string) => {
  const found = script.plan.rows.find((one) => one.row === name);
  if (!found) throw new Error(`there is no row ${name}`);
  return found;
};
const outcome = (name: string, url = polling.urls[0] ?? "") =>
  outcomeOf({ service: { url, tokens: TOKENS }, sql }, row(name));

describe("servers that are made up", () => {
  it("read the flags that are deployed, and the token of a drill", async () => {
    expect(await flagsOf(polling)).toEqual([OFF, OFF]);
    await demo.deploy(JSON.parse(drillDocument(flagDocument(READ), "t-1")));
    await expect.poll(() => flagsOf(polling), { timeout: 60_000 }).toEqual([READ, READ]);
    expect((await told(polling)).map(({ token }) => token)).toEqual(["t-1", "t-1"]);
  });

  it("that a deployment restarts have the flags of their start", async () => {
    await sleep(1_000);
    expect(await flagsOf(restarted)).toEqual([OFF, OFF]);
    await restarted.faults({ wrong: ["stageA.SA2"] });
    await restartService(demo);
    await expect.poll(() => flagsOf(restarted), { timeout: 60_000 }).toEqual([READ, READ]);
    // What a deployment starts is the same code, which does the same.
    expect(await outcome("stageA.SA2", restarted.urls[0])).toBe("fail");
  });

  it("answer by what the database holds now", async () => {
    expect(await outcome("stageA.E2")).toBe("pass");
    await demo.pool.query(
      "insert into patches select (jsonb_populate_record(p, jsonb_build_object('id', 'x-' || p.id))).* from patches p",
    );
    expect(await outcome("stageA.E2")).toBe("pass");
  });

  it("do wrong what they are told, one of them or all, until they are started anew", async () => {
    await polling.faults({ wrong: ["stageA.SA2"] }, "app-2");
    expect(await outcome("stageA.SA2", polling.urls[0])).toBe("pass");
    expect(await outcome("stageA.SA2", polling.urls[1])).toBe("fail");
    await polling.restart("app-2");
    expect(await outcome("stageA.SA2", polling.urls[1])).toBe("pass");
    await polling.faults({ flags: "stale" });
    expect(await flagsOf(polling)).toEqual([OFF, OFF]);
    await expect(polling.faults({ wrong: ["stageA.A1"] })).rejects.toThrow("is no row that asks the service");
  });

  it("have flags in their code, and say so", async () => {
    await polling.inCode({ OPS_VIEW_DB_READ: true, OPS_VIEW_DB_WRITE: true });
    const answer = await fetch(`${polling.urls[0]}${servers.path}`);
    expect(await answer.json()).toMatchObject({
      data: { source: "code", flags: { OPS_VIEW_DB_READ: true, OPS_VIEW_DB_WRITE: true } },
    });
    await polling.inCode(undefined);
  });
});
