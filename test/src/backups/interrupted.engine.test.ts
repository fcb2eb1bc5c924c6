import { spawn } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, expect, it } from "vitest";
import { initCommand } from "../../../cli/init/run";
import { startTestServer, type TestServer } from "../../support/postgres";
import { clientPrograms } from "../../support/postgresPrograms";

const CUTOVER = [
  join(__dirname, "..", "..", "..", "cli", "bootstrap.mjs"),
  join(__dirname, "..", "..", "..", "cli", "main.ts"),
];

let server: TestServer;
let root: string;
let env: NodeJS.ProcessEnv;

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), "cutover-interrupted-"));
  [server, env] = await Promise.all([startTestServer(), clientPrograms()]);
  await server.admin.query(
    "create table orders as select i as id, md5(i::text) || md5((i + 1)::text) as note from generate_series(1, 600000) i",
  );
  await initCommand({
    ...{
      folder: join(root, "shop"),
      name: "shop",
      flags: ["NEW"],
      writes: ["NEW"],
      stages: "new",
      tables: ["orders"],
    },
    database: `127.0.0.1:${server.connection.port}/ops`,
    backup: join(root, "dumps"),
    print: () => {},
  });
  const file = join(root, "shop", "Pulumi.baseline.yaml");
  const ca = server.connection.ssl.ca
    .trim()
    .split("\n")
    .map((line) => `        ${line}`)
    .join("\n");
  writeFileSync(
    file,
    readFileSync(file, "utf8").replace(
      /database: \{ (.*) \}/,
      (_, inside: string) =>
        `database:\n${inside
          .split(/, (?=port|name|reads)/)
          .map((one) => `      ${one}`)
          .join("\n")}\n      ca: |\n${ca}`,
    ),
  );
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
    const { user, password, port } = server.connection;
    const child = spawn(process.execPath, [...CUTOVER, "backup", "-s", "new", "-C", join(root, "shop")], {
      env: {
        ...process.env,
        ...env,
        TMPDIR: join(root, "tmp"),
        DATABASE_OWNER_URL: `postgresql://${user}:${encodeURIComponent(password)}@127.0.0.1:${port}/ops`,
      },
      stdio: ["ignore", "pipe", "pipe"],
    });
    let said = "";
    for (const stream of [child.stdout, child.stderr])
      stream.on("data", (text) => {
        said += text;
      });
    const ended = new Promise<number | null>((resolve) => child.once("close", resolve));
    while (dumpsBegun().length === 0 && child.exitCode === null) await sleep(20);
    expect(child.exitCode, said).toBeNull();
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
