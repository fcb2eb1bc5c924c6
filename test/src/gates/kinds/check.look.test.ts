import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect, it, test, vi } from "vitest";
import type { SqlSource } from "../../../../src/gates/database";
import type { CheckGate } from "../../../../src/gates/kinds/check";
import { look } from "../../../../src/gates/kinds/check.look";
import type { Sources } from "../../../../src/gates/look";
import type { Seen } from "../../../../src/gates/observation";
import { type Check, CheckFailed, hold } from "../../../../src/gates/smokeCheck";
import { gateAs, gateOf } from "../../../support/build";
import { json, nobody, type StandIn, standIn } from "../../../support/standIn";

type CheckSources = Omit<Parameters<typeof look>[1], "acting">;

/** @param writes whether somebody acts on it, and it says so */
const looked = (definition: CheckGate, from: CheckSources, writes = false) =>
  look(gateAs({ ...definition, writes }), { ...from, acting: writes });

const define = (timeout = "5s", check = "mine") =>
  gateOf("E3", { source: "check", check, timeout }).definition as CheckGate;

function sources(check: Check, spec: Partial<CheckSources> = {}): CheckSources {
  return {
    checks: { mine: check },
    service: { url: "http://127.0.0.1:9", tokens: { admin: "s3cr3t" } },
    sql: undefined,
    parameters: { workspace: "ws-ops" },
    timeScale: 1,
    ...spec,
  };
}

const serviceOf = ({ url }: Pick<StandIn, "url">) => ({ url, tokens: { admin: "s3cr3t" } });
const sqlOf = (answer: Seen): SqlSource => ({ observe: vi.fn(async () => answer), close: async () => {} });

describe("what a check says", () => {
  test.each<[string, Check, Seen]>([
    ["holds", async () => "all is well", { kind: "check", holds: true, said: "all is well" }],
    [
      "does not hold",
      async () => {
        throw new CheckFailed("the queue is empty");
      },
      { kind: "check", holds: false, said: "the queue is empty" },
    ],
    [
      "does not hold, by `hold`",
      async () => {
        hold(false, "two authors");
        return "never said";
      },
      { kind: "check", holds: false, said: "two authors" },
    ],
    [
      "is a mistake of its own: it could not be made",
      async () => {
        throw new RangeError("the check\nis broken");
      },
      { kind: "failure", failure: "bad-answer", message: "the check is broken" },
    ],
    [
      "is thrown before it begins",
      () => {
        throw new RangeError("broken");
      },
      { kind: "failure", failure: "bad-answer", message: "broken" },
    ],
    [
      "is nothing that can be shown",
      async () => ({ ok: true }) as never,
      { kind: "failure", failure: "bad-answer", message: "the check mine says nothing of what it found" },
    ],
    [
      "is nothing at all",
      async () => undefined as never,
      { kind: "failure", failure: "bad-answer", message: "the check mine says nothing of what it found" },
    ],
    [
      "is no error, though it is thrown",
      async () => {
        throw null;
      },
      { kind: "failure", failure: "bad-answer", message: "null" },
    ],
  ])("%s", async (_, check, expected) => {
    expect(await looked(define(), sources(check))).toEqual(expected);
  });

  test.each(["yours", "constructor", "toString"])("a check that is not there: %s", async (name) => {
    expect(
      await looked(
        define("5s", name),
        sources(async () => "fine"),
      ),
    ).toEqual({
      kind: "failure",
      failure: "bad-answer",
      message: `there is no check ${name}; this rollout has: mine`,
    });
  });

  it("is nothing without a service, where it asks one", async () => {
    const asks = sources(async ({ send }) => `${(await send({ path: "/" })).status}`, { service: undefined });
    expect(await looked(define(), asks)).toMatchObject({ kind: "failure", failure: "unreachable" });
    // One that asks nobody needs none.
    const alone = sources(async () => "fine", { service: undefined });
    expect(await looked(define(), alone)).toEqual({ kind: "check", holds: true, said: "fine" });
  });
});

describe("a check's requests", () => {
  const one: Check = async ({ send, parameters }) => {
    const { status } = await send({ path: `/${parameters.workspace}`, as: "admin" });
    return `answered ${status}`;
  };

  it("are sent with the role's token", async () => {
    const server = await standIn((_, response) => json(response, {}, 418));
    expect(await looked(define(), sources(one, { service: serviceOf(server) }))).toMatchObject({
      holds: true,
      said: "answered 418",
    });
    expect(server.asked[0]).toMatchObject({
      method: "GET",
      path: "/ws-ops",
      headers: { authorization: "Bearer s3cr3t" },
    });
  });

  it.each([
    ["nobody listens", async () => serviceOf({ url: await nobody() }), "unreachable"],
    ["the role has no token", async () => ({ url: "http://127.0.0.1:9", tokens: {} }), "refused"],
  ])("make it a failure, and not one of the service, where %s", async (_, service, failure) => {
    expect(await looked(define(), sources(one, { service: await service() }))).toMatchObject({
      kind: "failure",
      failure,
    });
  });

  it.each([
    ["an answer never comes", one],
    ["it waits for something else", async () => sleep(10_000, "never")],
  ])("have the check's own time, also where %s", async (_, check) => {
    const server = await standIn(() => {});
    const started = performance.now();
    const seen = await looked(define("200ms"), sources(check, { service: serviceOf(server) }));
    expect(seen).toEqual({ kind: "failure", failure: "timeout", message: "no complete answer in time" });
    expect(performance.now() - started).toBeLessThan(3_000);
  });
});

describe("a check that would change something", () => {
  const writing: Check = async ({ send }) =>
    `answered ${(await send({ method: "POST", path: "/patches" })).status}`;

  it.each<[string, boolean, object, string[]]>([
    ["where somebody acts, and it says so", true, { writes: true }, ["POST /patches"]],
    ["where somebody acts, and it does not say so", true, {}, []],
    ["where somebody only looks", false, { writes: true }, []],
  ])("%s", async (_, acting, more, sent) => {
    const server = await standIn((_, response) => json(response, {}));
    const gate = gateOf("E3", { source: "check", check: "mine", timeout: "5s", ...more });
    const from = { ...sources(writing, { service: serviceOf(server) }), acting } as Sources;
    const seen = await look(gate as never, from);
    expect(server.asked.map(({ method, path }) => `${method} ${path}`)).toEqual(sent);
    if (sent.length === 0)
      expect(seen).toEqual({
        kind: "failure",
        failure: "bad-answer",
        message:
          "POST /patches is not sent: only a gate that says writes: true may, where somebody acts on it",
      });
  });
});

describe("a check's queries", () => {
  const counting: Check = async ({ sql }) => `counted ${await sql("select $1", ["ws-ops", 1])}`;

  it("have its time, and their values", async () => {
    const sql = sqlOf({ kind: "value", value: 7 });
    expect(await looked(define("2s"), sources(counting, { sql }))).toMatchObject({ said: "counted 7" });
    expect(sql.observe).toHaveBeenCalledWith({ query: "select $1", values: ["ws-ops", 1], timeout: "2s" });
  });

  it("that yield nothing make it a failure, in the database's words", async () => {
    const seen: Seen = {
      kind: "failure",
      failure: "refused",
      message: "permission denied for table patches",
    };
    expect(await looked(define(), sources(counting, { sql: sqlOf(seen) }))).toEqual(seen);
  });

  it("make it a failure where the rollout declares no database", async () => {
    expect(await looked(define(), sources(counting))).toEqual({
      kind: "failure",
      failure: "unreachable",
      message: "the rollout declares no database",
    });
  });
});

describe("what a check creates is taken away", () => {
  const order: string[] = [];
  const creating =
    (end: Check): Check =>
    async (context) => {
      order.length = 0;
      context.cleanUp(async () => order.push("first"));
      context.cleanUp(async () => order.push("second"));
      return end(context);
    };

  it.each<[string, Check, object]>([
    ["it holds", async () => "fine", { holds: true }],
    ["it does not hold", async () => Promise.reject(new CheckFailed("no")), { holds: false }],
    ["it breaks", async () => Promise.reject(new Error("no")), { failure: "bad-answer" }],
    ["its time is over", async () => sleep(10_000, "never"), { failure: "timeout" }],
  ])("where %s: last one first", async (_, end, expected) => {
    expect(await looked(define("200ms"), sources(creating(end)))).toMatchObject(expected);
    expect(order).toEqual(["second", "first"]);
  });

  it.each<[string, () => Promise<unknown>]>([
    ["fails", () => Promise.reject(new Error("gone"))],
    [
      "throws",
      () => {
        throw new Error("gone");
      },
    ],
  ])(
    "as far as that goes: a part that %s neither stops the others nor changes the verdict",
    async (_, part) => {
      const seen = await looked(
        define(),
        sources(async (context) => {
          order.length = 0;
          context.cleanUp(async () => order.push("first"));
          context.cleanUp(part);
          return "fine";
        }),
      );
      expect(seen).toEqual({ kind: "check", holds: true, said: "fine" });
      expect(order).toEqual(["first"]);
    },
  );

  it("by requests of their own time, when the check's is over", async () => {
    const server = await standIn((asked, response) => asked.method === "DELETE" && json(response, {}));
    const check: Check = async (context) => {
      context.cleanUp(() => context.send({ method: "DELETE", path: "/1", as: "admin" }));
      await context.send({ path: "/slow", as: "admin" });
      return "never";
    };
    const seen = await looked(define("200ms"), sources(check, { service: serviceOf(server) }), true);
    expect(seen).toMatchObject({ failure: "timeout" });
    expect(server.asked.map(({ method, path }) => `${method} ${path}`)).toEqual(["GET /slow", "DELETE /1"]);
  });

  it("once each, also what is named only while the rest is being taken away", async () => {
    order.length = 0;
    const check: Check = async (context) => {
      context.cleanUp(async () => {
        await sleep(50);
        order.push("early");
      });
      // The time is over here; what goes on behind its back creates one more thing.
      await sleep(120);
      context.cleanUp(async () => order.push("late"));
      return "never";
    };
    expect(await looked(define("100ms"), sources(check))).toMatchObject({ failure: "timeout" });
    await sleep(100);
    expect(order).toEqual(["early", "late"]);
  });

  it("and nothing is sent any more once it is over", async () => {
    const server = await standIn((_, response) => json(response, {}));
    let late: Promise<unknown> | undefined;
    const check: Check = async ({ send }) => {
      late = sleep(150).then(() => send({ method: "POST", path: "/patches", as: "admin" }));
      late.catch(() => {});
      await late;
      return "never";
    };
    await looked(define("50ms"), sources(check, { service: serviceOf(server) }), true);
    await expect(late).rejects.toThrow();
    expect(server.asked).toEqual([]);
  });
});
