import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { lowerFlags } from "../../../src/abort/lower";
import { tellEveryone } from "../../../src/abort/tellEveryone";
import { gateDefinition } from "../../../src/gates/gate";
import { lowerNow } from "../../../src/promotion/lowerNow";
import { settle } from "../../../src/promotion/settle";
import type { Situation } from "../../../src/promotion/sources";
import { baseline, entry, flags, ledger, note, rollout, settings, stageA, stageB } from "../../support/build";
import { json, standIn } from "../../support/standIn";

/** Servers that read their environment, at each moment at which flags change in an `up`: what happens, in its order. */
const world = vi.hoisted(() => ({ did: [] as string[], refusing: false, warned: [] as string[] }));
vi.mock("@aws-sdk/client-ecs", async (original) => {
  const real = await original<typeof import("@aws-sdk/client-ecs")>();
  const answer = (name: string, { cluster, service, forceNewDeployment }: Record<string, unknown>) => {
    switch (name) {
      case "UpdateServiceCommand":
        if (world.refusing) throw new Error("AccessDeniedException");
        return void world.did.push(`${forceNewDeployment ? "restart" : "update"} ${cluster}/${service}`);
      case "ListTasksCommand":
        return { taskArns: ["task"] };
      default: {
        const address = { name: "privateIPv4Address", value: "127.0.0.1" };
        return { tasks: [{ attachments: [{ details: [address] }] }] };
      }
    }
  };
  class ECSClient extends real.ECSClient {
    override send = async (command: { input: object }) =>
      answer(command.constructor.name, command.input as Record<string, unknown>);
  }
  return { ...real, ECSClient };
});
vi.mock("@pulumi/pulumi", async (original) => ({
  ...(await original<object>()),
  log: { info: async () => {}, warn: async (line: string) => void world.warned.push(line) },
}));
vi.mock("../../../src/abort/lower");
vi.mock("../../../src/aws/converged");
vi.mock("../../../src/abort/tellEveryone");

const ofB = entry(3, { note: note({ stage: "stageB", attempt: 2 }) });
const live = ledger(flags(true, true), [entry(2), ofB]);

beforeEach(() => {
  Object.assign(world, { did: [], refusing: false, warned: [] });
  vi.mocked(lowerFlags).mockImplementation(async () => {
    world.did.push("lower");
    return {
      before: flags(true, true),
      after: flags(true, false),
      deployment: 4,
      served: 4,
      stopped: [],
      ms: 850,
      attempt: 2,
      why: "",
    };
  });
  vi.mocked(tellEveryone).mockImplementation(async (_region, _rollout, { subject }) => {
    world.did.push(`tell ${subject}`);
    return [];
  });
});
afterEach(() => vi.resetAllMocks());

/** Stage B, whose flags were raised just now, on two services: the tasks of one restart, those of the other poll. */
async function situation({ broken = false } = {}): Promise<Situation> {
  const server = await standIn(({ path }, response) => {
    world.did.push(`ask ${path}`);
    if (path === "/flags") return json(response, { data: flags(true, true) });
    return json(response, {}, broken ? 500 : 200);
  });
  const smoke = {
    SB0: gateDefinition.parse({ source: "convergence", title: "Every server agrees" }),
    SB1: gateDefinition.parse({ source: "http", title: "It answers", request: { path: "/one" } }),
  };
  const stage = { ...stageB, attempt: 2, smoke } as typeof stageB;
  const at = { cluster: "ops", port: Number(new URL(server.url).port), scheme: "http" as const };
  const ecs = [
    { ...at, service: "view", restart: true },
    { ...at, service: "polls", restart: false },
  ];
  return {
    rollout: rollout({
      stages: [baseline, stageA, stage],
      service: { url: server.url },
      servers: { urls: [], ecs, path: "/flags", at: "data" },
    }),
    stage,
    foundation: {
      store: { applicationId: "app1", environmentId: "env1", profileId: "prof1", region: "eu-central-1" },
      strategyId: "strategy1",
      database: undefined,
    } as Situation["foundation"],
    settings,
    checks: {},
  };
}

const settling = (of: Situation) =>
  settle(
    of,
    async () => live,
    () => {},
  );

describe("at the flip", () => {
  it("servers are restarted first, then asked for their flags, then the checks run", async () => {
    expect((await settling(await situation())).outcome).toBe("settled");
    expect(world.did).toEqual(["restart ops/view", "ask /flags", "ask /flags", "ask /one"]);
  });

  it("a restart that is refused fails the promotion by name, and takes the flags down", async () => {
    world.refusing = true;
    const settlement = await settling(await situation());
    expect(settlement).toMatchObject({
      outcome: "aborted",
      by: "restart",
      verdicts: [{ outcome: "fail", observed: "ops/view could not be restarted: AccessDeniedException" }],
    });
    expect(world.did).toEqual(["lower", "tell Incident: ops-view stageB rolled back"]);
    // The flags are lowered all the same, and what goes on with those of before is named.
    expect(settlement).toHaveProperty(
      "sentence",
      expect.stringContaining(
        "WARNING: ops/view COULD NOT BE RESTARTED, and goes on with the flags of before",
      ),
    );
  });
});

it("at a smoke failure, servers are restarted once the flags are down, and people are told", async () => {
  expect(await settling(await situation({ broken: true }))).toMatchObject({ outcome: "aborted", by: "SB1" });
  const [lowered, ...then] = world.did.slice(world.did.indexOf("ask /one") + 1);
  expect(lowered).toBe("lower");
  expect(then.sort()).toEqual(["restart ops/view", "tell Incident: ops-view stageB rolled back"]);
});

describe("at a lower", () => {
  it("servers are restarted once the flags are down, and people are told", async () => {
    await lowerNow(await situation(), "the release waits");
    const [lowered, ...then] = world.did;
    expect(lowered).toBe("lower");
    expect(then.sort()).toEqual(["restart ops/view", "tell Incident: ops-view stageB rolled back"]);
    expect(world.warned).toEqual([]);
  });

  it("a restart that is refused keeps nothing up, and is said loudly", async () => {
    world.refusing = true;
    await lowerNow(await situation(), "the release waits");
    expect(world.did).toContain("lower");
    expect(world.warned).toEqual([
      expect.stringMatching(/^ops\/view COULD NOT BE RESTARTED.*AccessDenied.*Restart it by hand/),
    ]);
  });
});
