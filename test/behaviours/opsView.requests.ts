import type { Outcome } from "../../src/gates/judge";
import { type Behaviour, same } from "./behaviour";
import { type Answer, type App, asked, type Request, TOKENS } from "./world/app";
import { HOUR, NOW } from "./world/clock";
import { exitOf, gateBefore, outcomeOf, smokeOf } from "./world/gates";
import { QUEUE, queue } from "./world/queue";
import { asking } from "./world/sql";

const BASE = "/api/v2.5/workspaces/ws-ops";
const SERVICE = { url: "https://app.example.com", tokens: TOKENS };

/** What an app does otherwise than the plan has it: an answer of its own, or undefined where it is the plan's. */
type Odd = (asked: Request & { readonly is: string }) => Answer | undefined;

/** The app as the plan's requests have it, and F5's endpoint as the stack names it: ana is its analyst, ben has an item, too. */
function planApp(odd: Odd = () => undefined): { readonly app: App; readonly sent: string[] } {
  const versions = new Map<string, number>();
  const batches = new Map<string, number>();
  const sent: string[] = [];
  const list = (as: string): Answer => {
    if (as === "nobody") return { status: 401 };
    const authors = as === "analyst" ? ["ana", "ana"] : ["ana", "ana", "ben"];
    return { json: { data: authors.map((author_id) => ({ author_id })) } };
  };
  const made = (kind: string): Answer => {
    const id = versions.size + 1;
    versions.set(`/api/v2.5/${kind}/${id}`, 1);
    return { status: 201, json: { data: { id, version: 1 } } };
  };
  const app: App = (request) => {
    const { method, url, as, body } = request;
    const is = `${method} ${url.pathname}`;
    sent.push([is, as, ...(body === undefined ? [] : [JSON.stringify(body)])].join(" "));
    const other = odd({ ...request, is });
    if (other) return other;
    const { version, file, revision } = (body ?? {}) as Record<string, unknown>;
    if (is === `GET ${BASE}/patches`) return list(as);
    if (is === `POST ${BASE}/patches`) return made("patches");
    if (is === `POST ${BASE}/rfis`) return made("rfis");
    if (is === `POST ${BASE}/batches`) {
      const key = `${file} ${revision}`;
      batches.set(key, batches.get(key) ?? batches.size + 1);
      return { json: { data: { id: batches.get(key) } } };
    }
    const known = versions.get(url.pathname);
    if (method !== "PATCH" || known === undefined) return { status: 404 };
    if (version !== known) return { status: 409 };
    versions.set(url.pathname, known + 1);
    return { json: { data: { version: known + 1 } } };
  };
  return { app, sent };
}

type Case = readonly [when: string, odd: Odd, outcome: Outcome];

interface Asked {
  readonly id: string;
  readonly stage: "stageA" | "stageB";
  readonly phase: keyof typeof FIND;
  readonly title: string;
  /** What reaches the app as the plan has it: whose, and to the letter. */
  readonly sends: readonly string[];
  readonly cases: readonly Case[];
}

const FIND = { smoke: smokeOf, before: gateBefore, exit: exitOf };

const row = ({ id, stage, phase, title, sends, cases }: Asked): Behaviour => ({
  rollout: "ops-view",
  rows: [id],
  title: `${id}: ${title}`,
  async run(rollout) {
    const gate = FIND[phase](rollout, stage, id);
    const outcome = (app: App) =>
      asked(app, () =>
        outcomeOf(gate, { rollout, promoted: stage, liveMs: HOUR, sources: { service: SERVICE } }),
      );
    const plan = planApp();
    same(await outcome(plan.app), "pass", "the plan's own app");
    same(plan.sent, sends, `what ${id} sends`);
    for (const [when, odd, expected] of cases) same(await outcome(planApp(odd).app), expected, when);
  },
});

const on =
  (is: string, answer: Answer, as?: string): Odd =>
  (request) =>
    request.is === is && (as === undefined || request.as === as) ? answer : undefined;
/** The plan's answer to the first of these requests, and another one to the rest. */
const secondly = (is: string, answer: Answer): Odd => {
  let before = 0;
  return (request) => (request.is === is && before++ > 0 ? answer : undefined);
};
const data = (value: unknown): Answer => ({ json: { data: value } });
const authors = (...all: readonly string[]) => data(all.map((author_id) => ({ author_id })));
/** The lists by ids, where the one of an admin is 1, 2, 3. */
const inLists =
  (of: Readonly<Record<string, readonly number[]>>): Odd =>
  ({ is, as }) =>
    is === LIST ? data((of[as] ?? [1, 2, 3]).map((id) => ({ id, author_id: "ana" }))) : undefined;
/** What is no answer to a question that should have held something. */
const noAnswer = (is: string, as?: string): Case[] => [
  [`${is} answers nothing`, on(is, { text: "" }, as), "fail"],
  [`${is} answers HTML`, on(is, { text: "<html>Sign in</html>" }, as), "fail"],
  [`${is} leads to a login`, on(is, { status: 302, headers: { location: "/login" } }, as), "fail"],
  [`${is} answers 500`, on(is, { status: 500 }, as), "fail"],
];

const LIST = `GET ${BASE}/patches`;
const [PATCH, RFI] = ["PATCH /api/v2.5/patches/1", "PATCH /api/v2.5/rfis/1"];
const [NEW_PATCH, NEW_RFI, BATCH] = ["patches", "rfis", "batches"].map((kind) => `POST ${BASE}/${kind}`) as [
  string,
  string,
  string,
];
const RFI_SENT = `${NEW_RFI} analyst {"question":"Stage B smoke?","target_record_id":"rec_smoke_b"}`;
const MOVED = `${RFI} analyst {"custody_status":"awaiting_verifier","version":1}`;
const FILE = `${BATCH} analyst {"file":"cutover-smoke-${NOW / 1_000}.csv","revision":1}`;

let second = 0;
const ROWS: readonly Asked[] = [
  {
    ...{ id: "SA2", stage: "stageA", phase: "smoke", sends: [`${LIST} analyst`] },
    title: "an analyst is answered their own items alone",
    cases: [
      ["the analyst has none", on(LIST, data([]), "analyst"), "pass"],
      ["one is someone else's", on(LIST, authors("ana", "ben", "ana"), "analyst"), "fail"],
      ["all are someone else's", on(LIST, authors("ben", "ben"), "analyst"), "fail"],
      ["one is nobody's", on(LIST, data([{ author_id: "ana" }, {}]), "analyst"), "fail"],
      ["all are nothing", on(LIST, data([null, null]), "analyst"), "fail"],
      ["one is nothing", on(LIST, data([{ author_id: "ana" }, null]), "analyst"), "fail"],
      ["the list is elsewhere", on(LIST, data({ items: [] }), "analyst"), "fail"],
      ...noAnswer(LIST, "analyst"),
    ],
  },
  {
    ...{ id: "E3", stage: "stageB", phase: "before" },
    title: "an analyst is answered their own items, a verifier a list, an admin all of either",
    sends: [`${LIST} analyst`, `${LIST} verifier`, `${LIST} admin`],
    cases: [
      ["an analyst is answered someone else's", on(LIST, authors("ana", "ben"), "analyst"), "fail"],
      ["an analyst is answered nothings", on(LIST, data([null, null]), "analyst"), "fail"],
      ["everyone is answered as much", on(LIST, authors("ana", "ana")), "pass"],
      ["a verifier is answered none", on(LIST, data([]), "verifier"), "pass"],
      ["a verifier is refused", on(LIST, { status: 403 }, "verifier"), "fail"],
      ["a verifier's list is elsewhere", on(LIST, data({ items: [] }), "verifier"), "fail"],
      ["a verifier is answered what no admin is", inLists({ verifier: [1, 4] }), "fail"],
      ["an analyst is answered what no admin is", inLists({ analyst: [1, 4] }), "fail"],
      ["an admin is answered all of it, and more", inLists({ analyst: [3], verifier: [2, 1] }), "pass"],
      ["an admin is refused", on(LIST, { status: 403 }, "admin"), "fail"],
      ["an admin is answered less than an analyst", on(LIST, authors("ana"), "admin"), "fail"],
      ["an admin is answered less than a verifier", on(LIST, authors("ana", "ben"), "admin"), "fail"],
      ...["analyst", "verifier", "admin"].flatMap((as) => noAnswer(LIST, as)),
    ],
  },
  {
    ...{ id: "SB1", stage: "stageB", phase: "smoke" },
    title: "an analyst's patch is written, and its version rises once it is submitted",
    sends: [
      `${NEW_PATCH} analyst {"record_id":"rec_smoke_b","field_key":"title","intent":"stage B smoke"}`,
      `${PATCH} analyst {"status":"Submitted","version":1}`,
    ],
    cases: [
      ["the version rises by two", on(PATCH, data({ version: 3 })), "pass"],
      ["the version does not rise", on(PATCH, data({ version: 1 })), "fail"],
      ["the version falls", on(PATCH, data({ version: 0 })), "fail"],
      ["the version is text", on(PATCH, data({ version: "2" })), "fail"],
      ["every version is stale", on(PATCH, { status: 409 }), "fail"],
      ["no id is told", on(NEW_PATCH, data({ version: 1 })), "fail"],
      ["no version is told", on(NEW_PATCH, data({ id: 1 })), "fail"],
      ...noAnswer(NEW_PATCH),
      ...noAnswer(PATCH),
    ],
  },
  {
    ...{ id: "SB2", stage: "stageB", phase: "smoke", sends: [RFI_SENT, MOVED] },
    title: "an analyst's RFI is written, and handed to the verifier",
    cases: [
      ["versions begin at 0", on(RFI, data({ version: 0 })), "pass"],
      ["the version is none", on(RFI, data({ version: -1 })), "fail"],
      ["no version is told", on(RFI, data({})), "fail"],
      ["the move is refused", on(RFI, { status: 422 }), "fail"],
      ["no id is told", on(NEW_RFI, data({ version: 1 })), "fail"],
      ...noAnswer(NEW_RFI),
      ...noAnswer(RFI),
    ],
  },
  {
    ...{ id: "SB3", stage: "stageB", phase: "smoke" },
    title: "a verifier's stale version of the RFI is answered 409",
    sends: [RFI_SENT, MOVED, `${RFI} verifier {"custody_status":"resolved","version":1}`],
    cases: [
      ["a stale version is taken", on(RFI, data({ version: 3 }), "verifier"), "fail"],
      ["it is a bad request", on(RFI, { status: 400 }, "verifier"), "fail"],
      ["it is a conflict of another kind", on(RFI, { status: 412 }, "verifier"), "fail"],
      ["every version is stale", on(RFI, { status: 409 }), "fail"],
      ...noAnswer(RFI, "verifier"),
    ],
  },
  {
    ...{ id: "F5", stage: "stageB", phase: "exit", sends: [FILE, FILE] },
    title: "the same file and revision, sent twice, is one batch",
    cases: [
      ["each time there is a batch", (one) => on(BATCH, data({ id: ++second }))(one), "fail"],
      ["no id is told", on(BATCH, data({})), "fail"],
      ["the first is refused, too", on(BATCH, { status: 409 }), "fail"],
      ["the second is refused", secondly(BATCH, { status: 409 }), "pass"],
      ["the second is refused in words", secondly(BATCH, { status: 409, json: { error: {} } }), "pass"],
      ["the second is a bad request", secondly(BATCH, { status: 400 }), "fail"],
      ["the app has no such endpoint", on(BATCH, { status: 404 }), "fail"],
      ...noAnswer(BATCH),
    ],
  },
];

/** E2 holds the queue against what is in the tables, which takes a database. */
const counts: Behaviour = {
  rollout: "ops-view",
  rows: ["E2", "database"],
  title: "E2: the queue counts the workspace's patches and RFIs, give or take 5 %",
  sql: true,
  async run(rollout, tools) {
    const { pool, sql, proves } = await asking(rollout, tools);
    const gate = gateBefore(rollout, "stageB", "E2");
    for (const [patches, rfis, total, expected] of [
      [12, 8, 19, "pass"],
      [12, 8, 20, "pass"],
      [12, 8, 21, "pass"],
      [12, 8, 18, "fail"],
      [12, 8, 22, "fail"],
      [150, 50, 190, "pass"],
      [150, 50, 189, "fail"],
      [150, 50, 210, "pass"],
      [150, 50, 211, "fail"],
      [1, 0, 1, "pass"],
      [0, 1, 1, "pass"],
      [0, 0, 0, "inconclusive"],
    ] as const) {
      await pool.query("truncate workspaces, users, patches, rfis restart identity cascade");
      await pool.query("insert into workspaces select unnest($1::text[]), 'w'", [
        [rollout.parameters.workspace, "another"],
      ]);
      await pool.query("insert into users values ('ana', 'u')");
      for (const [workspace, some, others] of [
        [rollout.parameters.workspace, patches, rfis],
        ["another", 3, 4],
      ] as const) {
        await pool.query(
          "insert into patches (id, workspace_id, author_id, record_id, field_key, intent) select gen_random_uuid(), $1, 'ana', 'r', 'f', 'i' from generate_series(1, $2)",
          [workspace, some],
        );
        await pool.query(
          "insert into rfis (id, workspace_id, author_id, question, target_record_id) select gen_random_uuid(), $1, 'ana', 'q', 'r' from generate_series(1, $2)",
          [workspace, others],
        );
      }
      const found = await asked(queue(total, 5_000), () =>
        outcomeOf(gate, {
          ...{ rollout, promoted: "stageB", liveMs: HOUR },
          sources: { service: SERVICE, sql },
        }),
      );
      same(found, expected, `${total} in the queue, of ${patches} patches and ${rfis} RFIs`);
    }
    await pool.query(
      "insert into rfis (id, workspace_id, author_id, question, target_record_id) values (gen_random_uuid(), $1, 'ana', 'q', 'r')",
      [rollout.parameters.workspace],
    );
    await asked(queue(1, 5_000), () => proves(gate, "stageB", { service: SERVICE }));
    for (const [when, answer] of [
      ["in text", { json: { data: { counts: { total: "1" } } } }],
      ["nothing", { text: "" }],
      ["an error", { status: 500 }],
    ] as const) {
      await pool.query("truncate rfis cascade");
      const app: App = ({ url }) => (url.pathname === QUEUE ? answer : { status: 404 });
      const found = await asked(app, () =>
        outcomeOf(gate, {
          ...{ rollout, promoted: "stageB", liveMs: HOUR },
          sources: { service: SERVICE, sql },
        }),
      );
      same(found === "pass", false, `a queue that answers ${when}`);
    }
  },
};

export const OPS_VIEW_REQUESTS: readonly Behaviour[] = [...ROWS.map(row), counts];
