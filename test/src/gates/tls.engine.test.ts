import pg from "pg";
import { generate } from "selfsigned";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { declaredPlace } from "../../../sandbox/postgres/reach";
import { openSqlSource } from "../../../src/gates/database";
import type { Transport } from "../../../src/gates/tls";
import { administrator } from "../../../src/imports/administrator";
import { askQueries } from "../../../src/imports/ask";
import { imports } from "../../../src/rollout/config/imports";
import { startTestServer, type TestServer } from "../../support/postgres";

let server: TestServer;
let another: string;

beforeAll(async () => {
  server = await startTestServer();
  await server.admin.query("create role gate login password 'gate'");
  another = (await generate([{ name: "commonName", value: "Another authority" }], { keyType: "ec" })).cert;
});

afterAll(() => server?.stop());

const MAPPED = imports.parse({
  table: "imports",
  columns: { id: "id", status: "status", error: "error", started: "started_at", finished: "finished_at" },
  statuses: { succeeded: ["completed"], failed: ["failed"], running: ["running"] },
});

const ENCRYPTED = "select ssl from pg_stat_ssl where pid = pg_backend_pid()";

function connection(transport: Transport) {
  const { host, port, database } = server.connection;
  return { host, port, database, user: "gate", password: "gate", schema: "public", ...transport };
}

async function observe(transport: Transport) {
  const source = openSqlSource(connection(transport));
  try {
    return await source.observe({ query: ENCRYPTED, values: [], timeout: "5s" });
  } finally {
    await source.close();
  }
}

const UNKNOWN = expect.stringMatching(
  /the server's certificate is of no authority that is known here \(.+\): .* under cutover:rollout\.database\.ca$/,
);

describe("a server whose certificate is of a private authority", () => {
  it("is believed where the rollout names the authority, and the session is encrypted", async () => {
    const { ca } = server.connection.ssl;
    expect(await observe({ ssl: "verify-full", ca })).toEqual({ kind: "value", value: true });
  });

  it("is believed where it is one of several", async () => {
    const ca = `${another}\n${server.connection.ssl.ca}`;
    expect(await observe({ ssl: "verify-full", ca })).toEqual({ kind: "value", value: true });
  });

  it.each([
    ["nobody named one", () => undefined],
    ["another one is named", () => another],
  ])("is not talked to where %s, and a gate says what to do", async (_, ca) => {
    expect(await observe({ ssl: "verify-full", ca: ca() })).toMatchObject({
      kind: "failure",
      failure: "unreachable",
      message: UNKNOWN,
    });
  });

  it("is talked to without being looked at where config says so", async () => {
    expect(await observe({ ssl: "require" })).toEqual({ kind: "value", value: true });
  });

  it("is not talked to in the clear: it lets nobody in, as RDS does, and a gate says what to do", async () => {
    expect(await observe({ ssl: "disable" })).toMatchObject({
      kind: "failure",
      failure: "refused",
      message: expect.stringMatching(/lets in nobody who does not speak TLS .*: write ssl: verify-full/),
    });
  });

  it("answers queries by the same words", async () => {
    const asked = {
      ids: [],
      since: new Date(0).toISOString(),
      until: new Date().toISOString(),
      olderThanMs: 1,
    };
    const { ca } = server.connection.ssl;
    await expect(askQueries(connection({ ssl: "verify-full", ca }), MAPPED, asked)).resolves.toEqual([]);
    const refused = askQueries(connection({ ssl: "verify-full" }), MAPPED, asked);
    await expect(refused).rejects.toMatchObject({ message: UNKNOWN });
  });

  it.each([
    ["that the rollout names", { ca: true }, {}],
    ["that the provider is told of", { ca: false }, { "postgresql:sslrootcert": true }],
  ] as const)("is believed by the administrator's login by the authority %s", async (_, named, told) => {
    const { caFile, user, password } = server.connection;
    const { ca, ...place } = declaredPlace(server.connection);
    const given = { ...place, ...(named.ca ? { ca } : {}) };
    const config = {
      "postgresql:username": user,
      "postgresql:password": password,
      "postgresql:sslmode": "verify-full",
      ...("postgresql:sslrootcert" in told ? { "postgresql:sslrootcert": caFile } : {}),
    };
    const client = new pg.Client(administrator(given, config, {}));
    await client.connect();
    expect((await client.query(ENCRYPTED)).rows).toEqual([{ ssl: true }]);
    await client.end();
  });
});
