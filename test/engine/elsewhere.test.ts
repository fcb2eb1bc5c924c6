import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { InvokeCommand, LambdaClient } from "@aws-sdk/client-lambda";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { emulated } from "../../sandbox/aws/emulated";
import { Ground, OFF, outcome, READ, type TestRollout } from "./harness";

const SECRET = "key-of-the-monitoring-system";

/** A stage whose gate and whose abort row ask a system that lets in who sends its key. Each test leans on those before it. */
describe("a named source", () => {
  let ground: Ground;
  let rollout: TestRollout;
  let source: Server;
  let state = "Alert";

  beforeAll(async () => {
    ground = await Ground.open();
    source = createServer(({ headers }, response) => {
      response.setHeader("content-type", "application/json");
      const known = headers["x-api-key"] === SECRET;
      response
        .writeHead(known ? 200 : 403)
        .end(JSON.stringify(known ? { state, load: 7 } : { key: headers }));
    });
    await new Promise<void>((resolve) => source.listen(0, "127.0.0.1", resolve));
    const { port } = source.address() as AddressInfo;
    rollout = await ground.rollout("asking", { stacks: ["baseline", "stageA"] });
    const monitor = { url: `http://127.0.0.1:${port}`, headers: { "X-API-Key": "{monitor}" } };
    await rollout.edit("baseline", ["cutover:rollout", "sources"], { monitor });
    await rollout.edit("stageA", ["cutover:stage", "entry", "A9"], {
      title: "The monitor is quiet",
      source: "elsewhere",
      ...{ from: "monitor", path: "/monitor", value: "state", expect: { eq: "OK" } },
    });
    await rollout.edit("stageA", ["cutover:stage", "abort", "XE"], {
      title: "The load is too high",
      elsewhere: { from: "monitor", path: "/monitor", value: "load" },
      threshold: { gt: 9 },
      action: "page",
    });
  });
  afterAll(async () => {
    await new Promise((resolve) => source?.close(resolve));
    await ground?.close();
  });

  it("is not asked without its key, and then nothing is promoted", async () => {
    expect(await outcome(rollout.up("baseline"))).toBe("promoted");
    const run = await rollout.up("stageA");
    expect(run.outcome, run.output).toBe("blocked");
    expect(run.verdicts.find(({ gate }) => gate === "A9")).toMatchObject({
      outcome: "inconclusive",
      observed: expect.stringContaining("there is no token for monitor"),
    });
  });

  it("holds the stage until what it tells passes", async () => {
    await rollout.must(["config", "set", "--stack", "stageA", "--secret", "cutover:token-monitor", SECRET]);
    const run = await rollout.up("stageA");
    expect(run.outcome, run.output).toBe("blocked");
    expect(run.verdicts.find(({ gate }) => gate === "A9")).toMatchObject({
      outcome: "fail",
      observed: '"Alert"',
    });
    expect(await rollout.liveFlags()).toEqual(OFF);
    state = "OK";
    expect(await outcome(rollout.up("stageA"))).toBe("promoted");
    expect(await rollout.liveFlags()).toEqual(READ);
  });

  it("is asked by the probe, with the key that a secret of the account holds", async () => {
    const client = new LambdaClient(emulated(ground.sandbox.aws));
    try {
      const { Payload = [] } = await client.send(new InvokeCommand({ FunctionName: "asking-stageA-probe" }));
      const report = JSON.parse(Buffer.from(Payload).toString());
      expect(report).toMatchObject({ values: { XE: 7 }, failures: {} });
    } finally {
      client.destroy();
    }
  });

  it("leaves its key in no plain state, and changes nothing when it is brought up again", async () => {
    expect(JSON.stringify(await rollout.state("stageA"))).not.toContain(SECRET);
    expect(await outcome(rollout.up("stageA"))).toBe("unchanged");
  });
});
