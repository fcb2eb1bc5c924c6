import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { LambdaClient, UpdateFunctionCodeCommand } from "@aws-sdk/client-lambda";
import { strToU8, zipSync } from "fflate";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { doctorView } from "../../cli/doctor/schema";
import { runCutover } from "../../cli/rehearse/command";
import { emulated } from "../../sandbox/aws/emulated";
import { migrate } from "../../sandbox/demo/ops-view/migrate";
import { Ground, OFF, outcome, READ, type TestRollout } from "./harness";
import { worldOf } from "./listing";
import { created } from "./state";

const VPC = { subnetIds: ["subnet-0a1b2c3d4e5f60718"], securityGroupIds: ["sg-0a1b2c3d4e5f60718"] };
const TOKEN = "analyst-of-the-private-service";

/** What answers a request that it was never asked: all that it says is right, but for the nonce. */
const IMPOSTOR = `const { createHash } = require("node:crypto");
exports.handler = async (event) => {
  const now = new Date().toISOString();
  return {
    cutover: 1, nonce: "0".repeat(32), rollout: event.rollout, code: event.code, places: event.places,
    request: createHash("sha256").update(JSON.stringify(event)).digest("hex"),
    began: now, ended: now, result: { seen: [] },
  };
};`;

/**
 * A rollout whose database and service lie in a network that pulumi runs outside of. Each test leans on those before it.
 */
describe("a private network", () => {
  let ground: Ground;
  let rollout: TestRollout;
  let service: Server;
  /** The authorization and the path of each request that the service got. */
  const asked: string[] = [];
  let outside: Readonly<Record<string, string>>;

  beforeAll(async () => {
    ground = await Ground.open();
    service = createServer(async ({ url, headers }, response) => {
      response.setHeader("content-type", "application/json");
      if (url === "/flags") return void response.end(JSON.stringify(await rollout.liveFlags()));
      asked.push(`${headers.authorization} ${url}`);
      response.end('{"ready":true}');
    });
    await new Promise<void>((resolve) => service.listen(0, "127.0.0.1", resolve));
    const { port } = service.address() as AddressInfo;
    rollout = await ground.rollout("private", { migrated: "011", stacks: ["baseline", "stageA"] });
    outside = {
      NODE_OPTIONS: `--require ${join(__dirname, "noWayIn.cjs")}`,
      NO_WAY_IN: `${port},${ground.sandbox.postgres.port}`,
    };
    const asks = {
      title: "The service is ready",
      source: "http",
      request: { path: "/ready", as: "analyst" },
      value: "ready",
      expect: { eq: true },
    };
    await rollout.edit("baseline", ["cutover:rollout", "service"], { url: `http://127.0.0.1:${port}` });
    await rollout.edit("stageA", ["cutover:stage", "entry", "A9"], asks);
    await rollout.edit("stageA", ["cutover:stage", "smoke"], { S1: { ...asks, title: "It still is" } });
    await rollout.must(["config", "set", "--stack", "stageA", "--secret", "cutover:token-analyst", TOKEN]);
  });
  afterAll(async () => {
    await new Promise((resolve) => service?.close(resolve));
    await ground?.close();
  });

  /** An `up` of stageA from outside that is blocked, and leaves everything as it was; what each gate came to. */
  async function blocked(): Promise<Record<string, string>> {
    const world = await worldOf(rollout);
    const run = await rollout.up("stageA", { env: outside });
    expect(run.outcome, run.output).toBe("blocked");
    expect(run.code).not.toBe(0);
    expect(await worldOf(rollout)).toEqual(world);
    expect(created(await rollout.state("stageA"))).toEqual([]);
    expect(await rollout.liveFlags()).toEqual(OFF);
    return Object.fromEntries(run.verdicts.map((one) => [one.gate, `${one.outcome}: ${one.observed}`]));
  }

  const every = (of: unknown) => ({ A1: of, A3: of, A4: of, A9: of });

  it("cannot be looked at from outside: inconclusive, so blocked", async () => {
    expect(await outcome(rollout.up("baseline"))).toBe("promoted");
    expect(await blocked()).toEqual(every(expect.stringMatching(/^inconclusive: unreachable: /)));
    expect(asked).toEqual([]);
  });

  it("asks for the function where it is declared, and not there yet", async () => {
    await rollout.edit("baseline", ["cutover:rollout", "measure"], { vpc: VPC });
    const why =
      /^inconclusive: unanswered: there is no measuring function yet: .*pulumi up -s baseline.* makes it/;
    expect(await blocked()).toEqual(every(expect.stringMatching(why)));
  });

  it("is looked at by the function: what fails there blocks, and the rest passes", async () => {
    expect(await outcome(rollout.up("baseline"))).toBe("promoted");
    const seen = await blocked();
    expect(seen).toEqual({
      ...every(expect.stringMatching(/^pass: /)),
      A1: expect.stringMatching(/^fail: /),
    });
    expect(asked).toEqual([`Bearer ${TOKEN} /ready`]);
  });

  it("takes no answer to another request", async () => {
    const client = new LambdaClient(emulated(ground.sandbox.aws));
    const ZipFile = zipSync({ "index.js": strToU8(IMPOSTOR) });
    try {
      await client.send(new UpdateFunctionCodeCommand({ FunctionName: "private-measure", ZipFile }));
    } finally {
      client.destroy();
    }
    const why = /^inconclusive: unanswered: the answer is to another request: its nonce /;
    expect(await blocked()).toEqual(every(expect.stringMatching(why)));
  });

  it("promotes from outside once the function is the rollout's own again, and its gates pass", async () => {
    // What changes its settings brings its code along.
    await rollout.edit("baseline", ["cutover:rollout", "measure", "timeout"], "4m");
    await rollout.edit("baseline", ["cutover:rollout", "servers"], {
      urls: [`http://127.0.0.1:${(service.address() as AddressInfo).port}`],
      path: "/flags",
    });
    expect(await outcome(rollout.up("baseline"))).toBe("updated");
    await migrate(rollout.pool);
    const before = asked.length;
    expect(await outcome(rollout.up("stageA", { env: outside }))).toBe("promoted");
    expect(await rollout.liveFlags()).toEqual(READ);
    // At admission, right before the flip, and as the smoke check after it.
    expect(asked.slice(before)).toEqual(Array(3).fill(`Bearer ${TOKEN} /ready`));
  });

  /** Types a command from outside of the network. */
  const typed = (...args: string[]) =>
    runCutover(
      {
        sandbox: { ...ground.sandbox, env: { ...ground.sandbox.env, ...outside } },
        project: rollout.project,
      },
      args,
    );

  it("is looked at by doctor, typed outside", async () => {
    const { stdout } = await typed("doctor", "--json", "--within", "120s");
    const { lines } = doctorView.parse(JSON.parse(stdout));
    const said = (group: string) =>
      lines.flatMap((one) => (one.group === group ? [`${one.state} ${one.name}: ${one.what}`] : []));
    const { port } = service.address() as AddressInfo;
    expect(said("Network")).toContainEqual(expect.stringMatching(/^ok measuring function: answers/));
    expect(said("Servers")).toEqual([`ok 127.0.0.1:${port}: tells its flags`]);
    for (const row of ["stageA A1", "stageA A9", "stageA S1"])
      expect(said("Gates")).toContain(`ok ${row}: was asked, and answered`);
    expect(stdout).not.toContain(TOKEN);
  });

  it("tells a retirement what its servers say, and is followed after an abort, both typed outside", async () => {
    const { port } = service.address() as AddressInfo;
    const retired = await typed("retire", "--yes");
    expect(retired.code, retired.stderr).not.toBe(0);
    expect(retired.stdout).toMatch(
      new RegExp(`server 127.0.0.1:${port}: answers 200 at /flags, and does not say where`),
    );
    const { code, stdout, stderr } = await typed("abort", "-s", "stageA", "--follow", "--reason", "a test");
    expect(code, stderr).toBe(0);
    expect(stdout).toMatch(/Servers: all 1 report .*OPS_VIEW_DB_READ false/);
    expect(await rollout.liveFlags()).toEqual(OFF);
  });

  it("says no secret anywhere", async () => {
    const { stdout } = await rollout.must(["stack", "export", "--stack", "baseline"]);
    for (const text of [...ground.printed, stdout]) expect(text).not.toContain(TOKEN);
  });
});
