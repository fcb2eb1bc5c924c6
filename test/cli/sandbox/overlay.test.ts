import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { exportedIn } from "../../../cli/sandbox/environment";
import { overlayOf } from "../../../cli/sandbox/overlay";
import { tokenKeys, tokensIn } from "../../../cli/sandbox/secrets";
import { loadRollout } from "../../../src/rollout/load";

const ROOT = join(__dirname, "..", "..", "..");
const opsView = loadRollout(ROOT);
const pipeline = loadRollout(join(ROOT, "rollouts", "v2-pipeline"));

const POSTGRES = {
  ...{ host: "127.0.0.1", port: 5433, database: "ops", user: "postgres", password: "a/b@c" },
  admin: { user: "admin", password: "c/d@e" },
  ...{ ssl: { ca: "PEM" }, caFile: "/sandbox/authority.pem" },
};
const HERE = {
  dir: "/sandbox",
  postgres: POSTGRES,
  poolerPort: 6432,
  webhook: { url: "http://127.0.0.1:7000" },
  timeScale: 60,
};

describe("what is laid over a stack's config", () => {
  it("points the first one at this machine's database and webhook", () => {
    expect(overlayOf(opsView, "baseline", HERE)).toMatchObject({
      "cutover:timeScale": 60,
      "postgresql:host": "127.0.0.1",
      "postgresql:port": 5433,
      "postgresql:username": "admin",
      "postgresql:superuser": false,
      "postgresql:sslmode": "verify-full",
      "postgresql:sslrootcert": "/sandbox/authority.pem",
      "cutover:rollout": {
        database: { host: "127.0.0.1", port: 6432, name: "ops", ssl: "verify-full", ca: "PEM" },
        topics: { onCall: [{ protocol: "http", endpoint: "http://127.0.0.1:7000/on-call" }] },
      },
    });
  });

  it("sends deliveries to the platforms of this machine", () => {
    const deliveries = { web: { url: "http://127.0.0.1:7001/web" } };
    expect(overlayOf(opsView, "baseline", { ...HERE, deliveries })).toMatchObject({
      "cutover:rollout": { delivery: deliveries },
    });
    expect(overlayOf(opsView, "stageA", { ...HERE, deliveries })).not.toHaveProperty("cutover:rollout");
  });

  it("says under which name a snapshot's database is reached, where gates read one", () => {
    expect(overlayOf(opsView, "stageB", HERE)).toMatchObject({
      "cutover:stage": { snapshot: { reachedAs: { host: "127.0.0.1" } } },
    });
    const { database: _, ...without } = opsView;
    expect(overlayOf(without, "stageB", HERE)).toEqual({ "cutover:timeScale": 60 });
  });

  it("keeps dumps that would lie in a folder of the user's in its own, and leaves a bucket to the emulator", () => {
    const dumping = (dumps: string) =>
      overlayOf({ ...opsView, backup: { dumps, queries: {} } }, "baseline", HERE)["cutover:rollout"];
    expect(dumping("/var/backups")).toMatchObject({ backup: { dumps: "/sandbox/dumps" } });
    expect(dumping("s3://ops-backups")).not.toHaveProperty("backup");
  });

  it("declares no database to a rollout that has none, and leaves its other stacks as they are", () => {
    const { database: _, ...without } = pipeline;
    const overlay = overlayOf(without, "baseline", HERE);
    expect(Object.keys(overlay)).toEqual(["cutover:timeScale", "cutover:rollout"]);
    expect(overlay["cutover:rollout"]).not.toHaveProperty("database");
    expect(overlayOf(pipeline, "percent10", HERE)).toEqual({ "cutover:timeScale": 60 });
  });
});

it("tokens are made up for the roles that gates ask as, once each", () => {
  expect(tokenKeys(opsView).sort()).toEqual([
    "cutover:token-admin",
    "cutover:token-analyst",
    "cutover:token-verifier",
  ]);
  expect(tokensIn({ "cutover:token-admin": "x", "slack:token": "y" })).toEqual({ admin: "x" });
});

it("an app of any language finds its flags, its database and its AWS in what is exported", () => {
  const engine = { pulumi: "/engine/pulumi", version: "3.248.0", origin: "go", languageHost: true } as const;
  const exported = exportedIn(
    {
      dir: "/tmp/cutover-aaaaaa",
      engine,
      postgres: POSTGRES,
      env: { HOME: "/home/ada", PULUMI_HOME: "/p", AWS_ENDPOINT_URL: "http://127.0.0.1:1", PATH: "/usr/bin" },
    },
    {
      rollout: "search",
      project: "/tmp/cutover-aaaaaa/project",
      servers: ["http://127.0.0.1:1", "http://127.0.0.1:2"],
      deliveries: "/tmp/cutover-aaaaaa/deliveries.jsonl",
      tokens: { "read-only": "t" },
    },
  );
  expect(exported).toMatchObject({
    PULUMI_HOME: "/p",
    AWS_ENDPOINT_URL: "http://127.0.0.1:1",
    DATABASE_URL:
      "postgresql://postgres:a%2Fb%40c@127.0.0.1:5433/ops?sslmode=verify-full&sslrootcert=%2Fsandbox%2Fauthority.pem",
    PGHOST: "127.0.0.1",
    PGPASSWORD: "a/b@c",
    APPCONFIG_APPLICATION: "search",
    APPCONFIG_ENVIRONMENT: "live",
    APPCONFIG_PROFILE: "flags",
    READ_ONLY_TOKEN: "t",
    CUTOVER_SERVERS: "http://127.0.0.1:1,http://127.0.0.1:2",
    CUTOVER_DELIVERIES: "/tmp/cutover-aaaaaa/deliveries.jsonl",
    CUTOVER_PROJECT: "/tmp/cutover-aaaaaa/project",
  });
  // What is put before the reader's own, and no more.
  expect(exported.PATH).toMatch(/^\/engine:/);
  expect(exported.PATH).not.toContain("/usr/bin:");
  expect(exported).not.toHaveProperty("HOME");
});
