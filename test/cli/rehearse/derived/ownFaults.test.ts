import { createServer, type Server } from "node:http";
import type pg from "pg";
import { afterEach, expect, it, vi } from "vitest";
import { ownFaults } from "../../../../cli/rehearse/derived/levers/ownFaults";
import { rowsOf } from "../../../../cli/rehearse/derived/rehearsedRows";
import { PROGRAM } from "../../../../cli/sandbox/project";
import { LOOPBACK, listenAnywhere } from "../../../../sandbox/host/ports";
import { loadRollout } from "../../../../src/rollout/load";
import { UserError } from "../../../../src/text/problem";

const [row] = rowsOf(loadRollout(PROGRAM)).filter(({ key }) => key === "stageA.XA1");
if (!row) throw new Error("there is no XA1");
const asked = { method: "POST", path: "/_faults", body: { queue5xx: 1 } };
const fault = {
  requests: [asked],
  mend: [{ ...asked, body: {} }],
  sql: ["select 1"],
  mendSql: ["select 2"],
  config: [],
};
const project = { edit: vi.fn() };

let server: Server | undefined;
afterEach(() => server?.close());

async function serving(status: number, heard: string[] = []): Promise<string> {
  server = createServer(async (request, response) => {
    const parts: Buffer[] = [];
    for await (const part of request) parts.push(part as Buffer);
    heard.push(`${request.method} ${request.url} ${Buffer.concat(parts)}`);
    response.writeHead(status, { connection: "close" }).end();
  });
  return `http://${LOOPBACK}:${await listenAnywhere(server)}`;
}

it("a fault is told to every server and to the database, and so is its end, once", async () => {
  const heard: string[] = [];
  const url = await serving(200, heard);
  const query = vi.fn();
  const lever = ownFaults(
    { XA1: fault },
    { urls: [url, url], pool: { query } as unknown as pg.Pool, project },
  );
  expect(lever.can(row)).toBe(true);
  await lever.pull(row);
  expect(heard.splice(0)).toEqual(Array(2).fill('POST /_faults {"queue5xx":1}'));
  await lever.release();
  await lever.release();
  expect(heard).toEqual(Array(2).fill("POST /_faults {}"));
  expect(query.mock.calls).toEqual([["select 1"], ["select 2"]]);
});

it("what it changes in the stack files stands there as long as it lasts, and then what stood there before", async () => {
  const files: Record<string, unknown> = { sunset: "2027-03-01", title: undefined };
  const edit = vi.fn(async (_stack: string, [key = ""]: readonly (string | number)[], value: unknown) => {
    const before = files[key];
    files[key] = value;
    return before;
  });
  const config = [
    { stack: "baseline", path: ["sunset"], value: "2026-01-01" },
    { stack: "baseline", path: ["title"], value: "another" },
  ];
  const only = { requests: [], mend: [], sql: [], mendSql: [], config };
  const lever = ownFaults({ XA1: only }, { urls: [], pool: {} as pg.Pool, project: { edit } });
  await lever.pull(row);
  expect(files).toEqual({ sunset: "2026-01-01", title: "another" });
  await lever.release();
  await lever.release();
  expect(files).toEqual({ sunset: "2027-03-01", title: undefined });
  expect(edit).toHaveBeenCalledTimes(4);
});

it("a row's full name goes before its id", () => {
  const lever = ownFaults({ "stageA.XA1": fault }, { urls: [], pool: {} as pg.Pool, project });
  expect(lever.can(row)).toBe(true);
  expect(lever.can({ ...row, key: "stageB.XA1" })).toBe(false);
});

it.each([
  ["that answers with an error", async () => serving(404), /answered 404/],
  [
    "that is not there",
    async () => `http://${LOOPBACK}:9`,
    /POST http:\/\/127\.0\.0\.1:9\/_faults.*failed: /,
  ],
])("a server %s is said in a sentence", async (_, at, said) => {
  const query = vi.fn();
  const lever = ownFaults(
    { XA1: fault },
    { urls: [await at()], pool: { query } as unknown as pg.Pool, project },
  );
  const refused = await lever.pull(row).then(
    () => undefined,
    (error: unknown) => error,
  );
  expect(refused).toBeInstanceOf(UserError);
  expect((refused as Error).message).toMatch(said);
});
