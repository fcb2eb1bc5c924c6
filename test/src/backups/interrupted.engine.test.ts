import { existsSync, mkdirSync, readdirSync, rmSync, statSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, expect, it } from "vitest";
import { databaseUrl } from "../../../sandbox/appEnv";
import { startTestServer, type TestServer } from "../../support/postgres";
import { clientPrograms } from "../../support/postgresPrograms";
import { declareShop, typeCutover } from "../../support/shop";

let server: TestServer;
let root: string;
let env: NodeJS.ProcessEnv;

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), "cutover-interrupted-"));
  [server, env] = await Promise.all([startTestServer(), clientPrograms()]);
  await server.admin.query(
    "create table orders as select i as id, md5(i::text) || md5((i + 1)::text) as note from generate_series(1, 600000) i",
  );
  await declareShop(root, server);
  mkdirSync(join(root, "tmp"));
});
afterAll(async () => {
  await server?.stop();
  await rm(root, { recursive: true, force: true });
});

const dumpsBegun = () =>
  readdirSync(join(root, "tmp")).filter((name) => {
    const dump = join(root, "tmp", name, "dump");
    return existsSync(dump) && statSync(dump).size > 0;
  });

it.each(["SIGINT", "SIGTERM"] as const)(
  "a backup that %s ends leaves no dump, no program and no file",
  async (signal) => {
    const { child, ended, said } = typeCutover(["backup", "-s", "new", "-C", join(root, "shop")], {
      ...env,
      TMPDIR: join(root, "tmp"),
      DATABASE_OWNER_URL: databaseUrl(server.connection),
    });
    while (dumpsBegun().length === 0 && child.exitCode === null) await sleep(20);
    expect(child.exitCode, said()).toBeNull();
    child.kill(signal);
    expect(await ended).toBe(signal === "SIGINT" ? 130 : 143);
    expect(dumpsBegun()).toEqual([]);
    expect(existsSync(join(root, "dumps"))).toBe(false);
    // Its connections end with it: no dump goes on behind.
    for (;;) {
      const { rows } = await server.admin.query(
        "select from pg_stat_activity where application_name like 'cutover-backup%'",
      );
      if (rows.length === 0) break;
      await sleep(50);
    }
    rmSync(join(root, "tmp"), { recursive: true, force: true });
    mkdirSync(join(root, "tmp"));
  },
);
