import type { ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import type { Pool } from "pg";
import { onTestFinished } from "vitest";
import { createApp } from "../../../sandbox/demo/ops-view/app";
import { FaultSwitch } from "../../../sandbox/demo/ops-view/faults";
import { ALL_OFF, DECLARED } from "../../../sandbox/demo/ops-view/flags/document";
import { rosterOf } from "../../../sandbox/demo/ops-view/identity";
import { KNOWN, knownItems } from "../../../sandbox/demo/ops-view/known-items";
import { Signals } from "../../../sandbox/demo/ops-view/signals/signals";
import { storesFor } from "../../../sandbox/demo/ops-view/stores/choose";
import { LocalState } from "../../../sandbox/demo/ops-view/stores/local-state";
import { close, listen } from "../../../sandbox/demo/service/http";
import type { SqlSource } from "../../../src/gates/database";
import type { Sources } from "../../../src/gates/look";
import { loadRollout } from "../../../src/rollout/load";
import { NOWHERE, served } from "../../sandbox/demo/service/served";
import { entry, flags, ledger } from "../../support/build";
import { type Asked, json, type StandIn, standIn } from "../../support/standIn";

export const rollout = loadRollout(join(__dirname, "..", "..", ".."));
const TOKENS = { analyst: "t-analyst-1", verifier: "t-verifier-1", admin: "t-admin-1" };
type Role = keyof typeof TOKENS;

const BASE = "/api/v2.5/workspaces/ws-ops";

/** What the gates measure an app with. */
export function sourcesFor(url: string): Sources {
  return {
    ledger: ledger(flags(true, false), [entry(2)]),
    live: "stageA",
    promoted: rollout.stages[2] as never,
    parameters: rollout.parameters,
    checks: {},
    service: { url, tokens: TOKENS },
    region: "eu-central-1",
    timeScale: 1,
  };
}

/** A database that holds so many items of the workspace, as E2's two queries have it. */
export function knows(items: number): SqlSource {
  return {
    close: async () => {},
    observe: async ({ query }) => ({
      kind: "value",
      value: query.includes("floor(1.05") ? Math.floor(1.05 * items) : Math.ceil(0.95 * items) || null,
    }),
  };
}

/** The demo, all flags off. */
export async function demoApp(): Promise<{ url: string; items: number }> {
  const faults = new FaultSwitch();
  const local = new LocalState(knownItems(KNOWN));
  const pool = { query: () => Promise.reject(new Error("the database was asked")) } as unknown as Pool;
  const app = createApp({
    server: "ops-1",
    flags: served(DECLARED, () => ({ flags: ALL_OFF, version: "1" })),
    storesFor: storesFor(pool, local, rosterOf(TOKENS, KNOWN.workspace), faults),
    signals: new Signals(NOWHERE),
    faults,
  });
  const http = await listen(app.fetch, 0);
  onTestFinished(() => close(http));
  return {
    url: `http://127.0.0.1:${(http.address() as AddressInfo).port}`,
    items: KNOWN.patches + KNOWN.rfis,
  };
}

/** How an app is broken: it answers a request itself, or says false and leaves it to the app. */
export type Broken = (
  asked: Asked & { readonly role: Role | undefined },
  response: ServerResponse,
) => boolean | unknown;

/** How many items the app below begins with. */
export const PLAN_ITEMS = 5;

/**
 * The app as the plan's requests have it, and no more: what they read is there, what they do not name is not. Errors
 * have no body; ids are numbers, since nothing says that they are not. F5's endpoint is the user's to name: it has none.
 */
export async function planApp(broken: Broken = () => false): Promise<StandIn> {
  const [a, other] = ["ana", "ben"];
  const patches = [a, a, other].map((author_id) => ({ author_id }));
  const versions = new Map<string, number>();
  let serial = 0;
  const status = (response: ServerResponse, code: number) => response.writeHead(code).end();
  const made = (kind: string, response: ServerResponse) => {
    const id = ++serial;
    versions.set(`${kind}/${id}`, 1);
    json(response, { data: { id, version: 1 } });
  };
  const answer = (asked: Asked, response: ServerResponse): unknown => {
    const { method, path } = asked;
    const role = (Object.keys(TOKENS) as Role[]).find(
      (one) => asked.headers.authorization === `Bearer ${TOKENS[one]}`,
    );
    const handled = broken({ ...asked, role }, response);
    if (handled !== false) return handled;
    const body = asked.body === "" ? {} : JSON.parse(asked.body);
    switch (`${method} ${path}`) {
      case `GET ${BASE}/operations/queue`:
        return json(response, { data: { counts: { total: PLAN_ITEMS } } });
      case `GET ${BASE}/patches`:
        return json(response, {
          data: role === "analyst" ? patches.filter(({ author_id }) => author_id === a) : patches,
        });
      case `POST ${BASE}/patches`:
        return made("patches", response);
      case `POST ${BASE}/rfis`:
        return made("rfis", response);
    }
    const [, item] = /^\/api\/v2\.5\/((?:patches|rfis)\/\d+)$/.exec(path) ?? [];
    const version = method === "PATCH" && item !== undefined ? versions.get(item) : undefined;
    if (item === undefined || version === undefined) return status(response, 404);
    if (body.version !== version) return status(response, 409);
    versions.set(item, version + 1);
    return json(response, { data: { version: version + 1 } });
  };
  return standIn(answer);
}
