import type { ServerResponse } from "node:http";
import type { SqlSource } from "../../../src/gates/database";
import { type Asked, json, type StandIn, standIn } from "../../support/standIn";

interface Item {
  id: string;
  version: number;
  author_id: string;
  status?: string;
  custody_status?: string;
}

/** What the service is made to get wrong. One fault at a time. */
export interface Faults {
  readonly analystSeesNothing?: boolean;
  readonly analystSeesAnothersToo?: boolean;
  readonly analystSeesAnothersOnly?: boolean;
  readonly adminSeesOneAuthor?: boolean;
  readonly verifierSeesDrafts?: boolean;
  readonly verifierSeesNothing?: boolean;
  readonly verifierSeesForeignItems?: boolean;
  readonly listIsNone?: boolean;
  readonly queueIsOff?: number;
  readonly queueTellsNone?: boolean;
  readonly createAnswers?: number;
  readonly createdWithoutVersion?: boolean;
  readonly moveAnswers?: number;
  readonly moveIsAlwaysStale?: boolean;
  readonly moveChangesNothing?: boolean;
  readonly versionStays?: boolean;
  readonly notStored?: boolean;
  readonly staleIsTaken?: boolean;
  readonly staleSaysAnother?: boolean;
  readonly batchTwice?: boolean;
  readonly batchTwiceStored?: boolean;
  readonly batchFirstAnswers?: number;
  readonly batchSecondAnswers?: number;
  readonly databaseIsEmpty?: boolean;
}

export interface World {
  readonly service: { readonly url: string; readonly tokens: Readonly<Record<string, string>> };
  readonly sql: SqlSource;
  readonly asked: StandIn["asked"];
  /** What is there now, for all roles. */
  readonly items: readonly Item[];
}

const BASE = "/api/v2.5/workspaces/ws-ops";
const TOKENS = { admin: "token-of-admin", analyst: "token-of-analyst", verifier: "token-of-verifier" };

/** The operations view in miniature: patches, RFIs, batches and a queue, behind three roles. */
export async function operationsView(faults: Faults = {}): Promise<World> {
  const patches: Item[] = [
    { id: "p1", version: 1, author_id: "analyst", status: "Draft" },
    { id: "p2", version: 2, author_id: "analyst", status: "Submitted" },
    { id: "p3", version: 1, author_id: "other", status: "Submitted" },
    { id: "p4", version: 1, author_id: "other", status: "Draft" },
  ];
  const rfis: Item[] = [{ id: "r1", version: 1, author_id: "analyst", custody_status: "open" }];
  const batches: { id: string; file: string }[] = [];
  let serial = 0;

  const visible = (role: string): Item[] => {
    const own = patches.filter((one) => one.author_id === "analyst");
    const others = patches.filter((one) => one.author_id === "other");
    switch (role) {
      case "admin":
        return faults.adminSeesOneAuthor ? own : patches;
      case "verifier":
        if (faults.verifierSeesNothing) return [];
        if (faults.verifierSeesForeignItems)
          return [{ id: "x1", version: 1, author_id: "x", status: "Submitted" }];
        return faults.verifierSeesDrafts ? patches : patches.filter((one) => one.status !== "Draft");
      default:
        if (faults.analystSeesNothing) return [];
        if (faults.analystSeesAnothersOnly) return others;
        return faults.analystSeesAnothersToo ? patches : own;
    }
  };

  const answer = (asked: Asked, response: ServerResponse): unknown => {
    const role = Object.entries(TOKENS).find(
      ([, token]) => asked.headers.authorization === `Bearer ${token}`,
    )?.[0];
    if (!role || !asked.path.startsWith(`${BASE}/`)) return json(response, {}, 401);
    const [kind = "", id] = asked.path.slice(BASE.length + 1).split("/");
    const body = asked.body === "" ? {} : JSON.parse(asked.body);
    if (kind === "operations") {
      const total = patches.length + rfis.length + (faults.queueIsOff ?? 0);
      return json(response, { data: faults.queueTellsNone ? {} : { counts: { total } } });
    }
    if (kind === "batches") return submit(body.file, response);
    const list = kind === "rfis" ? rfis : patches;
    if (asked.method === "GET")
      return json(response, { data: faults.listIsNone ? {} : { items: visible(role) } });
    if (asked.method === "POST") return create(list, kind, response);
    const item = list.find((one) => one.id === id);
    if (!item) return json(response, {}, 404);
    if (asked.method === "DELETE") {
      list.splice(list.indexOf(item), 1);
      return json(response, {});
    }
    return move(item, body, response);
  };

  const create = (list: Item[], kind: string, response: ServerResponse) => {
    if (faults.createAnswers) return json(response, {}, faults.createAnswers);
    const state = kind === "rfis" ? { custody_status: "open" } : { status: "Draft" };
    const made: Item = { id: `new${++serial}`, version: 1, author_id: "analyst", ...state };
    list.push(made);
    return json(
      response,
      { data: { ...made, ...(faults.createdWithoutVersion ? { version: null } : {}) } },
      201,
    );
  };

  const move = (item: Item, body: Partial<Item>, response: ServerResponse) => {
    if (faults.moveAnswers) return json(response, {}, faults.moveAnswers);
    if (faults.moveIsAlwaysStale || (body.version !== item.version && !faults.staleIsTaken))
      return json(response, { error: { code: faults.staleSaysAnother ? "CONFLICT" : "STALE_VERSION" } }, 409);
    if (!faults.moveChangesNothing) Object.assign(item, body, { version: item.version });
    if (!faults.versionStays) item.version++;
    return json(response, { data: item });
  };

  const submit = (file: string, response: ServerResponse) => {
    const known = batches.find((one) => one.file === file);
    if (!known || faults.batchTwice || faults.batchTwiceStored)
      batches.push({ id: `b${batches.length + 1}`, file });
    const made = (faults.batchTwice ? undefined : known) ?? batches.at(-1);
    const status = known ? (faults.batchSecondAnswers ?? 200) : (faults.batchFirstAnswers ?? 201);
    return json(response, { data: { id: made?.id } }, status);
  };

  const sql: SqlSource = {
    close: async () => {},
    observe: async ({ query, values: [key] }) => {
      const value = query.includes("from batches")
        ? batches.filter((one) => one.file === key).length
        : query.includes("from patches where id")
          ? patches.filter((one) => one.id === key && !faults.notStored).length
          : patches.length + rfis.length;
      return { kind: "value", value: faults.databaseIsEmpty ? 0 : value };
    },
  };
  const { url, asked } = await standIn(answer);
  return {
    service: { url, tokens: TOKENS },
    sql,
    asked,
    get items() {
      return [...patches, ...rfis];
    },
  };
}
