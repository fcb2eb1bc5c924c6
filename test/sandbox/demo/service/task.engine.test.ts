import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Fleet, startFleet } from "../../../../sandbox/demo/ops-view/fleet";
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
} from "../ops-view/demo";

/** Servers that read their flags when they start, and the service whose deployments restart them. */
let demo: Demo;
let fleet: Fleet;

beforeAll(async () => {
  demo = await openDemo();
  await fill(demo);
  await declareService(demo);
  fleet = await startFleet({
    count: 2,
    sandbox: demo.sandbox,
    flags: demo.flags,
    tokens: TOKENS,
    restartedWith: SERVICE,
  });
}, 120_000);
afterAll(() => demo?.close());

interface Told {
  readonly flags: unknown;
  readonly started: string;
}

async function told(url: string): Promise<Told> {
  const answer = await fetch(`${url}/api/v2.5/feature-flags`);
  return ((await answer.json()) as { data: Told }).data;
}
const all = () => Promise.all(fleet.urls.map(told));
const restart = () => restartService(demo);

/** Waits until every server is another instance than before. */
async function untilAnew(before: readonly Told[]): Promise<Told[]> {
  for (const deadline = Date.now() + 60_000; ; await sleep(50)) {
    const now = await all();
    if (now.every(({ started }, index) => started !== before[index]?.started)) return now;
    if (Date.now() > deadline) throw new Error("the servers were not restarted");
  }
}

describe("a deployment of the service", () => {
  it("is what flags need to reach its servers", async () => {
    const before = await all();
    expect(before.map(({ flags }) => flags)).toEqual([OFF, OFF]);
    await demo.deploy(READ);
    // Several polls of a server that reads its flags all the while.
    await sleep(1_500);
    expect(await all()).toEqual(before);
    await restart();
    expect((await untilAnew(before)).map(({ flags }) => flags)).toEqual([READ, READ]);
  });

  it("leaves no request without an answer, and none to an instance of before once the new one answered", async () => {
    const before = await all();
    const seen = before.map(({ started }) => [started]);
    const failures: unknown[] = [];
    let over = false;
    const asking = fleet.urls.map(async (url, index) => {
      while (!over)
        await told(url).then(
          ({ started }) => started !== seen[index]?.at(-1) && seen[index]?.push(started),
          (error: unknown) => failures.push(error),
        );
    });
    await demo.deploy(OFF);
    await restart();
    const after = await untilAnew(before);
    await sleep(300);
    over = true;
    await Promise.all(asking);
    expect(failures).toEqual([]);
    expect(after.map(({ flags }) => flags)).toEqual([OFF, OFF]);
    expect(seen).toEqual(before.map(({ started }, index) => [started, after[index]?.started]));
  });

  it("starts the same code, which does the same wrong; a restart of the server heals it", async () => {
    const [url = ""] = fleet.urls;
    const faults = async () => (await (await fetch(`${url}/_faults`)).json()) as { data: object };
    await fleet.faults({ roleLeak: true });
    const before = await all();
    await restart();
    await untilAnew(before);
    expect((await faults()).data).toMatchObject({ roleLeak: true });
    await fleet.restart("ops-1");
    expect((await faults()).data).toMatchObject({ roleLeak: false });
    await fleet.faults({});
  });

  it("that cannot start its servers leaves those of before, until it can", async () => {
    const before = await all();
    await demo.deploy(READ);
    await fleet.faults({ stuckFlags: true }, "ops-2");
    await restart();
    const anew = async (index: number) => (await all())[index]?.started !== before[index]?.started;
    await expect.poll(() => anew(0), { timeout: 60_000 }).toBe(true);
    expect((await all())[1]).toEqual(before[1]);
    await fleet.faults({});
    expect((await untilAnew(before)).map(({ flags }) => flags)).toEqual([READ, READ]);
  });
});
