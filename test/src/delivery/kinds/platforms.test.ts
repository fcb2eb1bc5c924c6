import { beforeEach, describe, expect, test } from "vitest";
import type { Answered, Asked } from "../../../../sandbox/host/http";
import { ENDPOINT_KEY, endpoint } from "../../../../sandbox/platforms/endpoint";
import { Hosted } from "../../../../sandbox/platforms/platform";
import { RENDER, render } from "../../../../sandbox/platforms/render";
import { VERCEL, vercel } from "../../../../sandbox/platforms/vercel";
import { NoSecret } from "../../../../src/aws/secretText";
import { type DeliveryWorld, deliver, type Fate } from "../../../../src/delivery/deliver";
import { memoryOf } from "../../../../src/delivery/kept";
import type { Request } from "../../../../src/delivery/kind";
import { type DeliveryConfig, delivery } from "../../../../src/delivery/registry";
import type { FlagSpecs } from "../../../../src/flags/flags";

const SPECS: FlagSpecs = {
  READ: { kind: "boolean", off: false, requires: [], writes: false },
  SHARE: { kind: "percentage", off: 0, requires: ["READ"], writes: false },
};
const UP = { READ: true, SHARE: 25 };
const OFF = { READ: false, SHARE: 0 };

/** A platform by its API, one that is AWS's own by what deliveries ask of it. */
interface Case {
  readonly config: object;
  readonly secret: string;
  readonly answer: (hosted: Hosted, asked: Asked) => Answered;
}
const AT = "http://127.0.0.1:9";
const CASES: Readonly<Record<string, Case>> = {
  Vercel: {
    config: { kind: "vercel", project: VERCEL.project, team: VERCEL.team, secret: "search/vercel", url: AT },
    secret: VERCEL.token,
    answer: vercel,
  },
  Render: {
    config: { kind: "render", service: RENDER.service, secret: "search/render", url: AT },
    secret: RENDER.key,
    answer: render,
  },
  webhook: {
    config: { kind: "webhook", secret: "search/endpoint", url: AT },
    secret: ENDPOINT_KEY,
    answer: endpoint,
  },
  "SSM parameters": {
    config: { kind: "ssm", path: "/search/flags", ecs: [{ cluster: "production", service: "search" }] },
    secret: "",
    answer: () => {
      throw new Error("asked by HTTP");
    },
  },
};

let hosted: Hosted;
let live: { deployment: number; flags: typeof UP };
let secrets: Record<string, string>;
let asked: Request[];
beforeEach(() => {
  hosted = new Hosted();
  live = { deployment: 1, flags: UP };
  asked = [];
});

function worldOf({ answer }: Case): DeliveryWorld & { readonly delivers: number[] } {
  const kept = new Map<string, number>();
  const delivers: number[] = [];
  let now = Date.now();
  const clock = () => ++now;
  const at = (name: string) => name.split("/").at(-1) ?? "";
  return {
    delivers,
    live: async () => live,
    secret: async (name) => {
      const text = secrets[name];
      if (text === undefined) throw new NoSecret("ResourceNotFoundException");
      return text;
    },
    async ask(request) {
      asked.push(request);
      const path = request.url.slice(AT.length) || "/";
      const { method, headers, body = "" } = request;
      const answered = answer(hosted, { method, path, headers, body });
      return { ...answered, retryAfter: answered.headers?.["retry-after"] };
    },
    aws: {
      parameters: async (names) =>
        new Map(
          names.flatMap((name) =>
            hosted.variables.has(at(name)) ? [[name, hosted.variables.get(at(name)) as string]] : [],
          ),
        ),
      putParameter: async (name, value) => hosted.set(at(name), value),
      restart: async () => hosted.start(String(hosted.starts.length)),
      restarting: async () => {
        const state = hosted.stateOf(String(hosted.starts.length - 1));
        if (state === "live") return [];
        return [{ service: "production/search", ...(state === "failed" ? { failed: "unhealthy" } : {}) }];
      },
    },
    memory: (name) =>
      memoryOf(
        {
          keys: async (prefix) => new Map([...kept].filter(([key]) => key.startsWith(prefix))),
          keep: async (key) => void kept.set(key, 1),
        },
        name,
        clock,
      ),
    origin: async ({ deployment }) => ({ deployment, at: 0 }),
    failures: new Map(),
    delivered: async () => undefined,
    keepDelivered: async (_, deployment) => void delivers.push(deployment),
    pause: async (ms) => {
      now += ms;
    },
    log: () => {},
    now: clock,
  };
}

const configOf = ({ config }: Case): DeliveryConfig => delivery.parse(config);

describe.each(Object.entries(CASES))("%s", (title, one) => {
  beforeEach(() => {
    secrets = "secret" in one.config ? { [String(one.config.secret)]: one.secret } : {};
  });
  const declared = () => ({ specs: SPECS, deliveries: { web: configOf(one) } });

  /** Tries until it is not to be tried again, as its queue does; what was said in between. */
  async function through(world = worldOf(one), most = 30): Promise<{ fate: Fate; said: string[] }> {
    const said: string[] = [];
    for (let tries = 1; ; tries++) {
      const fate = await deliver("web", declared(), { sentAt: 0 }, world);
      if (fate.kind !== "again") return { fate, said };
      said.push(fate.why);
      if (tries === most) throw new Error(said.join("; "));
    }
  }

  test("is given the flags, and its servers run with them", async () => {
    const world = worldOf(one);
    // What is quick is not put off.
    expect(await through(world)).toEqual({ fate: { kind: "delivered", deployment: 1 }, said: [] });
    expect(hosted.running).toMatchObject({ READ: "true", SHARE: "25", CUTOVER_FLAGS_VERSION: "1" });
    expect(hosted.starts).toHaveLength(1);
    live = { deployment: 2, flags: OFF };
    expect(await through(world)).toMatchObject({ fate: { kind: "delivered", deployment: 2 } });
    expect(hosted.running).toMatchObject({ READ: "false", SHARE: "0", CUTOVER_FLAGS_VERSION: "2" });
    expect(world.delivers).toEqual([1, 2]);
  });

  test("that takes its time is put off, and not asked all the while", async () => {
    hosted = new Hosted(20);
    const world = worldOf(one);
    const first = await deliver("web", declared(), { sentAt: 0 }, world);
    expect(first).toMatchObject({ kind: "again", seconds: 5, why: "servers start anew" });
    expect((await through(world)).fate).toMatchObject({ kind: "delivered" });
    expect(hosted.starts).toHaveLength(1);
  });

  test("that has the flags already starts nobody anew", async () => {
    const world = worldOf(one);
    await through(world);
    live = { deployment: 2, flags: UP };
    expect(await through(world)).toEqual({ fate: { kind: "delivered", deployment: 2 }, said: [] });
    expect(hosted.starts).toHaveLength(1);
  });

  test("that says it took what it did not is asked again", async () => {
    hosted.faults.lied = 1;
    const { said } = await through();
    expect(said[0]).toMatch(/^it took (READ|SHARE), and says something else when asked$/);
    expect(hosted.running).toMatchObject({ READ: "true", SHARE: "25" });
  });

  test("whose servers do not start starts them again", async () => {
    hosted.faults.failing = 1;
    const { said } = await through();
    expect(said.some((why) => why.startsWith("servers did not start: "))).toBe(true);
    expect(hosted.starts).toHaveLength(2);
    expect(hosted.running).toMatchObject({ READ: "true" });
  });

  test.runIf(one.secret !== "")("that takes no more for now is given the rest later", async () => {
    hosted.faults.throttled = 2;
    const { said } = await through();
    expect(said.filter((why) => why.includes("answered 429"))).toHaveLength(2);
    expect(hosted.running).toMatchObject({ READ: "true", SHARE: "25" });
  });

  test.runIf(one.secret !== "")(
    "that knows the token no more refuses, and nobody reads the token",
    async () => {
      secrets = Object.fromEntries(Object.keys(secrets).map((name) => [name, `${one.secret}-rotated`]));
      const { fate } = await through();
      expect(fate).toMatchObject({ kind: "refused", why: expect.stringMatching(/answered 40[13]/) });
      expect(JSON.stringify(fate)).not.toContain(one.secret);
      expect(hosted.variables.size).toBe(0);
    },
  );

  test.runIf(/^(Vercel|Render)$/.test(title)).each([
    ["of two lines", "vcp_first\nvcp_second"],
    ["with a blank in it", "vcp_first vcp_second"],
    ["with what no header holds", "vcp_first\u2028vcp_second"],
    ["that is empty", " \n"],
    ["longer than any token", "vcp_first".repeat(200)],
  ])("with a token %s is refused, and asked nothing", async (_, text) => {
    secrets = Object.fromEntries(Object.keys(secrets).map((name) => [name, text]));
    const { fate } = await through(worldOf(one), 1);
    expect(fate).toMatchObject({
      kind: "refused",
      why: expect.stringMatching(/^the secret search\/\w+ is /),
    });
    expect(JSON.stringify(fate)).not.toContain("vcp_");
    expect(asked).toEqual([]);
  });

  test.runIf(one.secret !== "")(
    "that quotes the token where its words are cut off gives no half of it",
    async () => {
      for (let before = 250; before < 300; before++) {
        const body = `${"x".repeat(before)} ${one.secret}`;
        const { fate } = await through({ ...worldOf(one), ask: async () => ({ status: 403, body }) }, 1);
        expect(JSON.stringify(fate)).not.toContain(one.secret.slice(0, 6));
      }
    },
  );

  test.runIf(one.secret !== "")("without its secret is refused, and asked nothing", async () => {
    secrets = {};
    expect((await through()).fate).toMatchObject({
      kind: "refused",
      why: expect.stringContaining("ResourceNotFound"),
    });
    expect(asked).toEqual([]);
  });
});
