import { describe, expect, it, test } from "vitest";
import { judge } from "../../../../src/gates/judge";
import type { HttpGate } from "../../../../src/gates/kinds/http";
import { look } from "../../../../src/gates/kinds/http.look";
import { type Service, send } from "../../../../src/gates/service";
import { gateAs, gateOf, NOW, observe } from "../../../support/build";
import { json, nobody, type StandIn, standIn } from "../../../support/standIn";

const SECRET = "s3cr3t-of-an-admin";

/** A gate whose path is what its parameters made of it: config itself may write none that leads away. */
function withPath(path: string, as?: string): HttpGate {
  const gate = define();
  return { ...gate, request: { ...gate.request, path, as } };
}

function define(definition: object = {}): HttpGate {
  return gateOf("B3", { source: "http", request: { path: "/queue" }, ...definition }).definition as HttpGate;
}

function service({ url }: Pick<StandIn, "url">, tokens: Service["tokens"] = { admin: SECRET }): Service {
  return { url, tokens };
}

/** Looks at it, be it that it changes something. */
const looked = (service: Service | undefined, definition: HttpGate) =>
  look(gateAs({ ...definition, writes: true }), { service, acting: true });

const queue = () => standIn((_, response) => json(response, { data: { counts: { total: 7 }, items: [1] } }));

describe("an answer", () => {
  test.each<[string, object, object]>([
    ["by its status and time", {}, { status: 200 }],
    ["with a number at a path", { value: "data.counts.total", expect: { gt: 0 } }, { value: 7 }],
    ["without what a path leads to", { value: "data.counts.none", expect: { gt: 0 } }, {}],
    ["with a list, which is not kept", { value: "data.items", expect: { gt: 0 } }, { value: [] }],
    ["with an object, which is not kept", { value: "data.counts", expect: { gt: 0 } }, { value: {} }],
  ])("is observed %s", async (_, definition, expected) => {
    const seen = await looked(service(await queue()), define(definition));
    expect(seen).toEqual({ kind: "answer", status: 200, ms: expect.any(Number), ...expected });
    expect(seen).toHaveProperty("ms", expect.any(Number));
  });

  test.each([404, 500, 503])("of %d is one, too: the judge knows what to make of it", async (status) => {
    const server = await standIn((_, response) => json(response, {}, status));
    expect(await looked(service(server), define())).toMatchObject({ kind: "answer", status });
  });

  test.each([
    ["no JSON", "<html>Sign in</html>"],
    ["cut off JSON", '{"data":{"counts":{"total":7'],
    ["empty", ""],
    ["null", "null"],
  ])("that is %s has no value, and proves nothing", async (_, text) => {
    const server = await standIn((_, response) => response.end(text));
    const gate = gateOf("B3", {
      source: "http",
      request: { path: "/queue" },
      value: "data.counts.total",
      expect: { ne: -1 },
    });
    const seen = await looked(service(server), gate.definition as HttpGate);
    expect(seen).toMatchObject({ kind: "answer", status: 200 });
    expect(seen).not.toHaveProperty("value");
    const context = { now: NOW, timeScale: 1, attempt: 1 };
    expect(judge(gate, observe(gate, seen), context).outcome).toBe("inconclusive");
  });

  it("that leads elsewhere is not followed: the other place was never asked about", async () => {
    const other = await queue();
    const server = await standIn((_, response) => response.writeHead(302, { location: other.url }).end());
    expect(await looked(service(server), define())).toMatchObject({ kind: "answer", status: 302 });
    expect(other.asked).toEqual([]);
  });
});

describe("a request", () => {
  it("is sent as it is declared", async () => {
    const server = await queue();
    const request = { method: "POST", path: "/incidents?open=1", as: "admin", body: { a: [1] } };
    await looked(service(server), define({ request }));
    const [asked] = server.asked;
    expect(asked).toMatchObject({ method: "POST", path: "/incidents?open=1", body: '{"a":[1]}' });
    expect(asked?.headers).toMatchObject({
      authorization: `Bearer ${SECRET}`,
      "content-type": "application/json",
      accept: "application/json",
    });
  });

  test.each([
    ["", "/queue", "/queue"],
    ["/", "/queue", "/queue"],
    ["/ops", "/queue?open=1", "/ops/queue?open=1"],
    ["/ops/v2/", "/queue", "/ops/v2/queue"],
    ["/ops", "//127.0.0.1:1/queue", "/ops//127.0.0.1:1/queue"],
  ])("goes below the base path of the service: %j and %j", async (base, path, asked) => {
    const server = await queue();
    await looked({ url: `${server.url}${base}`, tokens: {} }, withPath(path));
    expect(server.asked.map((one) => one.path)).toEqual([asked]);
  });

  it("carries no token that it does not ask for", async () => {
    const server = await queue();
    await looked(service(server), define());
    expect(server.asked[0]?.headers).not.toHaveProperty("authorization");
    expect(server.asked[0]?.headers).not.toHaveProperty("content-type");
  });

  test.each(["//127.0.0.1:1/queue", "/\\127.0.0.1:1/queue"])(
    "never takes a token to another server: %s",
    async (path) => {
      const server = await queue();
      expect(await looked(service(server), withPath(path, "admin"))).toMatchObject({
        kind: "failure",
        failure: "bad-answer",
        message: expect.stringContaining("leads away from the service"),
      });
      expect(server.asked).toEqual([]);
    },
  );
});

describe("a failure", () => {
  test.each<[string, () => Promise<Service | undefined>, string, RegExp]>([
    ["there is no service", async () => undefined, "unreachable", /declares no service/],
    ["nobody listens", async () => ({ url: await nobody(), tokens: {} }), "unreachable", /ECONNREFUSED/],
    [
      "the connection is cut",
      async () => service(await standIn((_, response) => response.destroy())),
      "unreachable",
      /./,
    ],
    [
      "the answer breaks off",
      async () =>
        service(
          await standIn((_, response) => {
            response.writeHead(200, { "content-length": "100" }).write("{");
            setTimeout(() => response.destroy(), 20);
          }),
        ),
      "unreachable",
      /./,
    ],
    [
      "the answer is a dump",
      async () => service(await standIn((_, response) => response.end(Buffer.alloc(9 * 1024 * 1024)))),
      "bad-answer",
      /longer than 8388608 bytes/,
    ],
  ])("where %s", async (_, where, failure, message) => {
    expect(await looked(await where(), define())).toEqual({
      kind: "failure",
      failure,
      message: expect.stringMatching(message),
    });
  });

  test.each([
    ["that never begins", () => {}],
    ["that never ends", (response: { write(text: string): unknown }) => void response.write("{")],
  ])("after the gate's own time: an answer %s", async (_, begin) => {
    const server = await standIn((_, response) => begin(response));
    const started = performance.now();
    expect(await looked(service(server), define({ timeout: "200ms" }))).toEqual({
      kind: "failure",
      failure: "timeout",
      message: "no complete answer in time",
    });
    expect(performance.now() - started).toBeLessThan(3_000);
  });

  test.each(["admin", "constructor", "toString"])(
    "where there is no token for %s says which key to set, and asks nobody",
    async (as) => {
      const server = await queue();
      const seen = await looked(service(server, {}), define({ request: { path: "/queue", as } }));
      expect(seen).toEqual({
        kind: "failure",
        failure: "refused",
        message: `there is no token for ${as}: pulumi config set --secret cutover:token-${as}`,
      });
      expect(server.asked).toEqual([]);
    },
  );

  test.each([
    ["a line break", `${SECRET}\nx`],
    ["a control character", `${SECRET}\u0000`],
    ["a letter that no header takes", `${SECRET}€`],
    ["nothing", ""],
  ])("of a token with %s does not tell it", async (_, token) => {
    const server = await queue();
    const seen = await looked(
      service(server, { admin: token }),
      define({ request: { path: "/queue", as: "admin" } }),
    );
    expect(seen).toMatchObject({ kind: "failure", failure: "refused" });
    expect(JSON.stringify(seen)).not.toContain(SECRET);
    expect(JSON.stringify(seen)).toContain("cutover:token-admin");
    expect(server.asked).toEqual([]);
  });

  it("never holds the token, whatever went wrong", async () => {
    const gate = define({ request: { path: "/queue", as: "admin" }, timeout: "200ms" });
    for (const server of [
      { url: await nobody() },
      await standIn(() => {}),
      await standIn(({ headers }, response) => json(response, { data: headers.authorization }, 401)),
      { url: "no address" },
    ])
      expect(JSON.stringify(await looked(service(server), gate))).not.toContain(SECRET);
  });
});

describe("a request that would change something", () => {
  test.each<[acting: boolean | undefined, writes: boolean | undefined, sent: number]>([
    [true, true, 1],
    [true, undefined, 0],
    [false, true, 0],
    [undefined, true, 0],
  ])("where somebody acts: %s, with writes: %s, is sent so often: %d", async (acting, writes, sent) => {
    const server = await queue();
    const gate = gateOf("SB1", {
      source: "http",
      request: { path: "/patches", method: "POST" },
      ...(writes ? { writes } : {}),
    });
    const seen = await look(gate as never, { service: service(server), acting });
    expect(server.asked).toHaveLength(sent);
    expect(seen).toMatchObject(sent === 1 ? { status: 200 } : { failure: "bad-answer" });
  });
});

test("a request that is given no more time is not made", async () => {
  const server = await queue();
  const request = { method: "GET", path: "/queue" } as const;
  await expect(send(service(server), request, AbortSignal.abort())).rejects.toThrow();
  expect(server.asked).toEqual([]);
});
