import type { ServerResponse } from "node:http";
import { describe, expect, it, test } from "vitest";
import { json } from "../../support/standIn";
import { askingRows, judged } from "../judged";
import { type Broken, demoApp, knows, PLAN_ITEMS, planApp, rollout, sourcesFor } from "./apps";

/** The shipped rows that ask the app, against three apps: the demo, the plan's own and no more, and broken ones. */

const rows = askingRows(rollout);
const IDS = ["SA1", "SA2", "SA4", "E2", "E3", "SB1", "SB2", "SB3", "F5"];
/** SA4 is about how fast this machine is, too: of it, it is asked what it saw. */
const passes = { SA4: { observed: expect.stringMatching(/\b200 in /) } } as Record<string, object>;

test("these are all", () => {
  expect(Object.keys(rows)).toEqual(expect.arrayContaining(IDS));
  expect(Object.keys(rows)).toHaveLength(IDS.length);
});

describe("on the demo", () => {
  it.each(IDS)("%s holds", async (id) => {
    const { url, items } = await demoApp();
    const verdict = await judged(rows[id], sourcesFor(url), knows(items));
    expect(verdict).toMatchObject(passes[id] ?? { outcome: "pass" });
  });
});

/** What the plan asks for without an endpoint to ask: the stack names one of the app's own. */
const UNNAMED = ["F5"];

describe("on an app that has what the plan says, and no more", () => {
  it.each(IDS.filter((id) => !UNNAMED.includes(id)))("%s holds", async (id) => {
    const app = await planApp();
    const verdict = await judged(rows[id], sourcesFor(app.url), knows(PLAN_ITEMS));
    expect(verdict).toMatchObject(passes[id] ?? { outcome: "pass" });
    expect(app.asked.map(({ method }) => method)).not.toContain("DELETE");
  });

  it("F5 does not, as an exit gate alone: it names an endpoint of the app's own, and says so", async () => {
    const app = await planApp();
    const verdict = await judged(rows.F5, sourcesFor(app.url));
    expect(verdict).toMatchObject({
      outcome: "fail",
      observed: expect.stringContaining("404"),
      remedy: expect.stringMatching(/name the endpoint of your app/),
    });
    expect(rollout.stages.filter(({ smoke }) => "F5" in smoke)).toEqual([]);
  });

  it.each(["SA1", "SA2", "SA4", "E2", "E3"])("%s only reads", async (id) => {
    const app = await planApp();
    await judged(rows[id], sourcesFor(app.url), knows(PLAN_ITEMS));
    expect(new Set(app.asked.map(({ method }) => method))).toEqual(new Set(["GET"]));
  });

  it("SA2 and E3 accept a list without an item: all of none are the analyst's own", async () => {
    const empty: Broken = ({ path }, response) => path.endsWith("/patches") && reply(response, { data: [] });
    const { url } = await planApp(empty);
    expect((await judged(rows.SA2, sourcesFor(url))).outcome).toBe("pass");
    expect((await judged(rows.E3, sourcesFor(url))).outcome).toBe("pass");
  });

  it("201 for 200 is as good, where the plan asks for no status", async () => {
    const app = await planApp();
    const created: Broken = ({ method }, response) => {
      if (method !== "POST") return false;
      return reply(response, { data: { id: "x/../y", version: 1 } }, 201);
    };
    const { url } = await planApp((asked, response) => {
      // What an answer says is one part of a path, whatever it looks like.
      if (asked.path === "/api/v2.5/patches/x%2F..%2Fy")
        return reply(response, { data: { version: 2 } }, 202);
      return created(asked, response);
    });
    expect((await judged(rows.SB1, sourcesFor(url))).outcome).toBe("pass");
    expect((await judged(rows.SB3, sourcesFor(app.url))).observed).toMatch(/; 409 in /);
  });

  it("E2 lets the queue be off by 5 %, and by no more", async () => {
    const { url } = await planApp(queue({ data: { counts: { total: 100 } } }));
    const holds = async (known: number) => (await judged(rows.E2, sourcesFor(url), knows(known))).outcome;
    expect(await Promise.all([95, 96, 100, 105, 106, 0].map(holds))).toEqual([
      "fail",
      "pass",
      "pass",
      "pass",
      "fail",
      // Nothing is known of the workspace.
      "inconclusive",
    ]);
  });

  it("types are kept from one answer to the next request", async () => {
    const app = await planApp();
    await judged(rows.SB1, sourcesFor(app.url));
    expect(app.asked.map(({ method, path, body }) => [method, path, body])).toEqual([
      [
        "POST",
        "/api/v2.5/workspaces/ws-ops/patches",
        '{"record_id":"rec_smoke_b","field_key":"title","intent":"stage B smoke"}',
      ],
      ["PATCH", "/api/v2.5/patches/1", '{"status":"Submitted","version":1}'],
    ]);
  });
});

/** An app that takes files where the stack says so: what it answers to the first, and to the same one once more. */
function takesFiles(...answers: readonly [status: number, body?: unknown][]): Broken {
  let at = 0;
  return (asked, response) => {
    if (!IS.batch(asked)) return false;
    const [status, body] = answers[Math.min(at++, answers.length - 1)] ?? [500];
    if (body === undefined) response.writeHead(status).end();
    else json(response, body, status);
    return true;
  };
}

describe("F5, on an app that takes a file, and", () => {
  const made = { data: { id: 7 } };
  it.each<[string, [number, unknown?][]]>([
    [
      "answers with the same batch",
      [
        [201, made],
        [200, made],
      ],
    ],
    ["calls both of them new", [[201, made]]],
    ["refuses the second with 409 and nothing", [[201, made], [409]]],
    [
      "refuses the second with 409 and words",
      [
        [201, made],
        [409, { error: { code: "DUPLICATE" } }],
      ],
    ],
  ])("%s, holds", async (_, answers) => {
    const { url } = await planApp(takesFiles(...answers));
    expect((await judged(rows.F5, sourcesFor(url))).outcome).toBe("pass");
  });

  it.each<[string, [number, unknown?][]]>([
    [
      "makes another batch",
      [
        [201, made],
        [201, { data: { id: 8 } }],
      ],
    ],
    ["refuses the first, too", [[409]]],
    ["finds the second bad", [[201, made], [400]]],
    ["cannot take the second", [[201, made], [500]]],
    ["sends people to a login", [[201, made], [302]]],
    ["says nothing of the second", [[201, made], [200]]],
  ])("%s, does not", async (_, answers) => {
    const { url } = await planApp(takesFiles(...answers));
    expect((await judged(rows.F5, sourcesFor(url))).outcome).toBe("fail");
  });
});

/** Answers, and says that it did. */
function reply(response: ServerResponse, body: unknown, status = 200): true {
  json(response, body, status);
  return true;
}

type Asked = Parameters<Broken>[0];
type On = (asked: Asked) => boolean;
const on =
  (which: On, answer: (response: ServerResponse) => unknown): Broken =>
  (asked, response) => {
    if (!which(asked)) return false;
    answer(response);
    return true;
  };
const IS = {
  queue: ({ path }: Asked) => path.endsWith("/operations/queue"),
  patches: ({ method, path }: Asked) => method === "GET" && path.endsWith("/patches"),
  newPatch: ({ method, path }: Asked) => method === "POST" && path.endsWith("/patches"),
  patch: ({ method, path }: Asked) => method === "PATCH" && path.startsWith("/api/v2.5/patches/"),
  newRfi: ({ method, path }: Asked) => method === "POST" && path.endsWith("/rfis"),
  rfi: ({ method, path }: Asked) => method === "PATCH" && path.startsWith("/api/v2.5/rfis/"),
  stale: ({ method, path, role }: Asked) =>
    method === "PATCH" && path.startsWith("/api/v2.5/rfis/") && role === "verifier",
  verifiers: ({ method, path, role }: Asked) =>
    method === "GET" && path.endsWith("/patches") && role === "verifier",
  analysts: ({ method, path, role }: Asked) =>
    method === "GET" && path.endsWith("/patches") && role === "analyst",
  admins: ({ method, path, role }: Asked) =>
    method === "GET" && path.endsWith("/patches") && role === "admin",
  batch: ({ path }: Asked) => path.endsWith("/batches"),
};
/** A list of patches by their ids, all of the analyst. */
const listOf = (...ids: readonly number[]) => ({ data: ids.map((id) => ({ id, author_id: "ana" })) });
const with200 = (which: On, body: unknown) => on(which, (response) => json(response, body));
const queue = (body: unknown) => with200(IS.queue, body);
const status = (which: On, code: number) => on(which, (response) => response.writeHead(code).end());
const empty = (which: On) => on(which, (response) => response.end());
const html = (which: On) =>
  on(which, (response) =>
    response.writeHead(200, { "content-type": "text/html" }).end("<html>Sign in</html>"),
  );
const login = (which: On) => on(which, (response) => response.writeHead(302, { location: "/login" }).end());

/** What is wrong with any answer that should have held something. */
const noAnswer = (which: On): [string, Broken][] => [
  ["answers with an empty body", empty(which)],
  ["answers with HTML", html(which)],
  ["sends people to a login", login(which)],
  ["answers 500", status(which, 500)],
  ["answers 404", status(which, 404)],
];

let second = 0;
const BROKEN: Record<string, [string, Broken][]> = {
  SA1: [
    ["counts nothing", queue({ data: { counts: { total: 0 } } })],
    ["counts in text", queue({ data: { counts: { total: "12" } } })],
    ["counts elsewhere", queue({ counts: { total: 12 } })],
    ["answers null", queue(null)],
    ...noAnswer(IS.queue),
  ],
  SA2: [
    [
      "shows someone else's items",
      with200(IS.patches, { data: [{ author_id: "ana" }, { author_id: "ben" }] }),
    ],
    ["shows nobody's items", with200(IS.patches, { data: [{ author_id: "ana" }, {}] })],
    ["shows nothings", with200(IS.patches, { data: [null, null] })],
    ["has the list elsewhere", with200(IS.patches, { data: { items: [] } })],
    ["has no list", with200(IS.patches, {})],
    ...noAnswer(IS.patches),
  ],
  SA4: [
    [
      "is slow",
      on(IS.queue, (response) => setTimeout(() => json(response, { data: { counts: { total: 5 } } }), 600)),
    ],
    ["counts in text", queue({ data: { counts: { total: "12" } } })],
    ["counts elsewhere", queue({ counts: { total: 12 } })],
    ...noAnswer(IS.queue),
  ],
  E2: [
    ["counts too little", queue({ data: { counts: { total: 4 } } })],
    ["counts too much", queue({ data: { counts: { total: 6 } } })],
    ["counts in text", queue({ data: { counts: { total: "5" } } })],
    ...noAnswer(IS.queue),
  ],
  E3: [
    ["shows an analyst someone else's items", with200(IS.patches, { data: [{ author_id: "ben" }] })],
    ["shows an analyst nothings", with200(IS.analysts, { data: [null, null] })],
    ["shows a verifier what no admin sees", on(IS.verifiers, (response) => json(response, listOf(1, 4)))],
    ["shows an analyst what no admin sees", on(IS.analysts, (response) => json(response, listOf(1, 4)))],
    ["shows an admin less than an analyst", with200(IS.admins, { data: [{ author_id: "ana" }] })],
    ["has the verifier's list elsewhere", with200(IS.verifiers, { data: { items: [] } })],
    ["refuses the verifier", status(IS.verifiers, 403)],
    ["refuses the admin", status(IS.admins, 403)],
    ...noAnswer(IS.verifiers),
    ...noAnswer(IS.admins),
  ],
  SB1: [
    ["tells no id", with200(IS.newPatch, { data: { version: 1 } })],
    ["tells no version", with200(IS.newPatch, { data: { id: 1 } })],
    ["does not raise the version", with200(IS.patch, { data: { version: 1 } })],
    ["tells versions in text", with200(IS.patch, { data: { version: "2" } })],
    ["finds every version stale", status(IS.patch, 409)],
    ...noAnswer(IS.newPatch),
    ...noAnswer(IS.patch),
  ],
  SB2: [
    ["tells no id", with200(IS.newRfi, { data: { version: 1 } })],
    ["refuses the move", status(IS.rfi, 422)],
    ["tells versions in text", with200(IS.rfi, { data: { version: "2" } })],
    ...noAnswer(IS.newRfi),
    ...noAnswer(IS.rfi),
  ],
  SB3: [
    ["takes a stale version", with200(IS.stale, { data: { version: 3 } })],
    ["calls it a bad request", status(IS.stale, 400)],
    ["finds every version stale", status(IS.rfi, 409)],
    ...noAnswer(IS.stale),
    ...noAnswer(IS.newRfi),
  ],
  F5: [
    ["makes a batch each time", on(IS.batch, (response) => json(response, { data: { id: ++second } }))],
    ["tells no id", with200(IS.batch, { data: {} })],
    ...noAnswer(IS.batch),
  ],
};

describe("on an app that", () => {
  const table = Object.entries(BROKEN).flatMap(([id, ways]) =>
    ways.map(([what, broken]) => [what, id, broken] as const),
  );
  it.each(table)("%s, %s does not hold", async (_, id, broken) => {
    const { url } = await planApp(broken);
    const { outcome, observed } = await judged(rows[id], sourcesFor(url), knows(PLAN_ITEMS));
    expect(outcome, observed).toBe("fail");
  });

  it("is broken in some way for each row", () => {
    expect(Object.keys(BROKEN)).toEqual(IDS);
  });
});
