import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { parse } from "yaml";
import { isAmong, placeOf } from "../../../kit/node/src/bucket";
import type { Service } from "../../../sandbox/host/processes";
import type { Flags } from "../../../src/flags/flags";
import { observeServers } from "../../../src/gates/kinds/convergence.look";
import { blocksOf, PROJECT } from "../page";
import { AppWorld, until } from "./world";

const OFF = { SEARCH_DB_READ: false, SEARCH_DB_WRITE: false, SEARCH_NEW_RANKING: 0 };
const ON = { SEARCH_DB_READ: true, SEARCH_DB_WRITE: true, SEARCH_NEW_RANKING: 50 };
const USERS = Array.from({ length: 40 }, (_, index) => `user-${index}`);

/** An app of a page, once it answers. */
interface Running {
  readonly url: string;
  readonly service: Service;
}

interface Report {
  readonly flags: Flags;
  readonly version: string | null;
  readonly refused?: { readonly problem: string };
  readonly evaluated: Readonly<Record<string, { readonly version: string | null } | null>>;
}

/** What any app of a page has to do, in the order of a rollout: the tests lean on each other. */
export function duties(start: (world: AppWorld) => Promise<Running>): () => Running & { world: AppWorld } {
  let world: AppWorld;
  let app: Running;
  /** What it was asked so far. */
  const asked = { Search: 0, Index: 0, errors: 0 };

  beforeAll(async () => {
    world = await AppWorld.open();
    await world.store("search");
    await world.deploy(OFF);
    app = await start(world);
  });
  afterAll(() => world?.close());

  const report = async () => (await (await fetch(`${app.url}/flags`)).json()) as Report;
  const search = async (user?: string) => {
    asked.Search += 1;
    const headers: Record<string, string> = user === undefined ? {} : { "x-user": user };
    return (await (await fetch(`${app.url}/search`, { headers })).json()) as {
      from: string;
      ranking: string;
    };
  };
  const add = async (body: string) => {
    asked.Index += 1;
    const answer = await fetch(`${app.url}/documents`, {
      method: "POST",
      body,
      headers: { "content-type": "application/json" },
    });
    if (!answer.ok) asked.errors += 1;
    return { status: answer.status, body: answer.ok ? await answer.json() : undefined };
  };
  const sumOf = async (name: string) =>
    (await world.told("Search", name)).reduce((sum, one) => sum + one.sum, 0);

  test("every metric that a row watches is published in silence, as zeros", async () => {
    const watched = metricsOfRows();
    expect(watched.sort()).toEqual(["IndexErrors", "IndexRequests", "SearchErrors"]);
    for (const name of [...watched, "SearchRequests"]) {
      await until(`${name} is told five times`, async () => (await world.told("Search", name)).length >= 5);
      expect(new Set((await world.told("Search", name)).map(({ sum }) => sum))).toEqual(new Set([0]));
    }
  });

  test("a document with write on and read off is not taken, and nothing is written", async () => {
    expect(await report()).toMatchObject({ flags: OFF, version: expect.any(String) });
    await world.deploy({ ...OFF, SEARCH_DB_WRITE: true });
    await until("the document is refused", async () => (await report()).refused !== undefined);
    expect(await report()).toMatchObject({ flags: OFF, refused: { problem: /SEARCH_DB_WRITE/ } });
    expect((await add('{"id":1}')).body).toMatchObject({ kept: ["memory"] });
    expect(await search()).toMatchObject({ from: "memory", ranking: "old" });
  });

  test("a flip reaches handlers and the report, and convergence's own look sees it", async () => {
    await world.deploy(ON);
    await until("the flip is reported", async () => (await report()).flags.SEARCH_DB_READ === true);
    expect(await search("user-1")).toMatchObject({ from: "database" });
    expect((await add('{"id":2}')).body).toMatchObject({ kept: ["memory", "database"] });
    const { flags, version, evaluated, refused } = await report();
    expect([flags, refused]).toEqual([ON, undefined]);
    for (const flag of Object.keys(ON)) expect(evaluated[flag]).toMatchObject({ version });
    const servers = { ...serversOfPage(), urls: [app.url], ecs: [] };
    const seen = await observeServers(servers, "eu-central-1", Object.keys(ON));
    expect(seen).toMatchObject({ kind: "servers", servers: [{ flags: ON }] });
  });

  test("half of the users are among half, each by their place", async () => {
    const among = (user: string) => isAmong(placeOf("SEARCH_NEW_RANKING", user), 50);
    const answers = await Promise.all(USERS.map(async (user) => [user, (await search(user)).ranking]));
    expect(answers).toEqual(USERS.map((user) => [user, among(user) ? "new" : "old"]));
    expect(new Set(answers.map(([, ranking]) => ranking)).size).toBe(2);
  });

  test("requests and errors are counted, each once", async () => {
    expect((await add("{")).status).toBe(500);
    expect(asked.errors).toBe(1);
    await until("all requests are told", async () => (await sumOf("SearchRequests")) >= asked.Search);
    await until("all documents are told", async () => (await sumOf("IndexRequests")) >= asked.Index);
    await until("the error is told", async () => (await sumOf("IndexErrors")) >= 1);
    expect(
      await Promise.all(["SearchRequests", "IndexRequests", "IndexErrors", "SearchErrors"].map(sumOf)),
    ).toEqual([asked.Search, asked.Index, 1, 0]);
  });

  test("what goes down is followed", async () => {
    await world.deploy(OFF);
    await until("it is off", async () => (await report()).flags.SEARCH_DB_READ === false);
    expect(await search("user-1")).toEqual({ from: "memory", ranking: "old" });
    expect((await add('{"id":3}')).body).toMatchObject({ kept: ["memory"] });
  });

  return () => ({ ...app, world });
}

const PAGE = join(PROJECT, "docs", "how-to", "your-app.md");

// biome-ignore lint/suspicious/noExplicitAny: whatever YAML holds
const configs = (): any[] =>
  blocksOf(PAGE).flatMap(({ language, text }) => (language === "yaml" ? [parse(text).config] : []));

/** Where the page says that the report is. */
function serversOfPage() {
  const [servers] = configs().flatMap((one) => one["cutover:rollout"]?.servers ?? []);
  return servers as { readonly path: string; readonly at: string; readonly source: string };
}

/** The metrics that the page's rows watch, which have no dimensions there. */
function metricsOfRows(): string[] {
  const rows = configs().flatMap((one) => Object.values(one["cutover:stage"]?.abort ?? {}));
  // biome-ignore lint/suspicious/noExplicitAny: whatever YAML holds
  return (rows as any[])
    .flatMap(({ metric }) => (metric.metrics ? Object.values(metric.metrics) : [metric]))
    .map((metric) => {
      expect(metric).toMatchObject({ namespace: "Search" });
      expect(metric).not.toHaveProperty("dimensions");
      return (metric as { name: string }).name;
    });
}
