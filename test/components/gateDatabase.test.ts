import { describe, expect, test } from "vitest";
import { GateDatabase } from "../../components/gateDatabase";
import type { MeasureBaseline } from "../../components/gateDatabaseBaseline";
import type { IamLogin } from "../../src/gates/databaseConnection";
import { declare, secretOf } from "./engine";
import { rollout } from "./rollout";

const PARENT = "GateDatabase gates";

const RECORDED = { at: "2026-11-21T12:00:00.000Z", since: "", until: "", answers: [] };
const measured: MeasureBaseline = async () => RECORDED;

interface Given {
  readonly iam?: IamLogin;
  readonly kept?: string;
  readonly name?: string;
  readonly config?: Record<string, string>;
  readonly measure?: MeasureBaseline;
  readonly creates?: boolean;
  readonly preview?: boolean;
}

/** `kept` is what the state holds since the first run. */
function found(changes: object = {}, given: Given = {}) {
  const { kept = "first-password", name = "ops-view", measure = measured, iam, ...options } = given;
  const { database } = rollout({
    database: { host: "db.internal", name: "ops", schema: "app", reads: ["patches", "rfis"], ...changes },
  });
  if (!database) throw new Error("no database in the fixture");
  return declare(
    () => {
      const { login, baseline } = new GateDatabase("gates", { rollout: name, database, measure, iam });
      return { login, ...(baseline ? { baseline } : {}) };
    },
    (type, inputs, resource) => {
      if (type !== "pulumi:index:Stash") return {};
      return { output: resource === "gates-password" ? kept : inputs.input };
    },
    options,
  );
}

test("declares exactly these resources, all its children", async () => {
  const { all } = await found();
  const children = [
    "Stash gates-password",
    "Role gates-role",
    "Schema gates-schema",
    "Grant gates-usage",
    "Grant gates-select",
    "Secret gates-secret",
    "SecretVersion gates-secret",
  ];
  expect(all.map(({ label, parent }) => [label, parent]).sort()).toEqual(
    [[PARENT, "Stack"], ...children.map((label) => [label, PARENT])].sort(),
  );
});

test("draws a password that stays, and that no state holds in the clear", async () => {
  const [one, other] = [await found(), await found()];
  const password = (declared: typeof one) => secretOf(declared.one("Stash gates-password").inputs.input);
  expect(password(one)).toMatch(/^[\w-]{32}$/);
  expect(password(one)).not.toBe(password(other));
  const stash = one.one("Stash gates-password");
  expect(stash.ignoreChanges).toEqual(["input"]);
  expect([...stash.additionalSecretOutputs].sort()).toEqual(["input", "output"]);
  expect(stash.replacementTrigger).toBeUndefined();
});

test("lets the role log in with the kept password, within narrow bounds", async () => {
  const { password, ...inputs } = (await found()).one("Role gates-role").inputs;
  expect(inputs).toEqual({
    name: "cutover_gate_ops_view",
    login: true,
    connectionLimit: 12,
    statementTimeout: 60_000,
    idleInTransactionSessionTimeout: 60_000,
    searchPaths: ["app"],
  });
  expect(secretOf(password)).toBe("first-password");
});

test.each([
  ["v2-pipeline-EU", "cutover_gate_v2_pipeline_eu"],
  ["a".repeat(32), `cutover_gate_${"a".repeat(32)}`],
])("makes a role name of %s that PostgreSQL takes unquoted", async (name, role) => {
  const { inputs } = (await found({}, { name })).one("Role gates-role");
  expect(inputs.name).toBe(role);
  expect(role.length).toBeLessThanOrEqual(63);
});

test("grants reading of the declared tables, and nothing else", async () => {
  const { ofType } = await found();
  const grant = { database: "ops", role: "cutover_gate_ops_view", schema: "app" };
  expect(ofType("postgresql:index/grant:Grant").map(({ inputs }) => inputs)).toEqual([
    { ...grant, objectType: "table", objects: ["patches", "rfis"], privileges: ["SELECT"] },
    { ...grant, objectType: "schema", privileges: ["USAGE"] },
  ]);
});

test("grants one after the other: PostgreSQL locks the same row for both", async () => {
  expect((await found()).one("Grant gates-select").dependsOn).toContain("Grant gates-usage");
});

test("puts out the login, for gates to measure with", async () => {
  expect((await found({}, { kept: "kept-password" })).outputs.login).toEqual({
    user: "cutover_gate_ops_view",
    password: "kept-password",
  });
});

test("keeps the login in Secrets Manager, and in the clear nowhere", async () => {
  const declared = await found({}, { kept: "kept-password" });
  expect(declared.one("Secret gates-secret").inputs).toEqual({
    name: "cutover/ops-view/gate",
    description: "The login with which the gates of ops-view read the database",
    recoveryWindowInDays: 0,
  });
  const { secretString } = declared.one("SecretVersion gates-secret").inputs;
  expect(JSON.parse(String(secretOf(secretString)))).toEqual({
    username: "cutover_gate_ops_view",
    password: "kept-password",
  });
});

test("draws no password for a login that IAM vouches for, and keeps none", async () => {
  const iam = { user: "cutover_gate_ops_view", iam: { region: "eu-central-1" } };
  const { all, one, outputs } = await found({}, { iam });
  expect(all.map(({ label }) => label).sort()).toEqual([
    PARENT,
    "Grant gates-select",
    "Grant gates-usage",
    "Role gates-role",
    "Schema gates-schema",
  ]);
  const { inputs } = one("Role gates-role");
  expect(inputs).toMatchObject({ name: "cutover_gate_ops_view", login: true, roles: ["rds_iam"] });
  expect(inputs).not.toHaveProperty("password");
  expect(outputs.login).toEqual(iam);
});

test("declares the schema as the administrator's, which no other rollout loses with this one", async () => {
  const { inputs, retainOnDelete } = (await found({}, { config: { "postgresql:username": "dba" } })).one(
    "Schema gates-schema",
  );
  expect(inputs).toEqual({ name: "cutover", database: "ops", owner: "dba" });
  expect(retainOnDelete).toBe(true);
});

describe("with a table of imports", () => {
  const IMPORTS = {
    table: "import_jobs",
    columns: { id: "id", status: "state", error: "why", started: "begun", finished: "done" },
    statuses: { succeeded: ["ok"], failed: ["bad"], running: ["run"] },
  };
  const to = { database: "ops", role: "cutover_gate_ops_view" };

  test("grants the mapped columns of it, and not its others", async () => {
    const declared = await found({ reads: ["patches"], imports: IMPORTS });
    expect(declared.one("Grant gates-columns").inputs).toEqual({
      ...to,
      schema: "app",
      objectType: "column",
      objects: ["import_jobs"],
      columns: ["id", "state", "why", "begun", "done"],
      privileges: ["SELECT"],
    });
    expect(declared.one("Grant gates-columns").dependsOn).toContain("Grant gates-select");
  });

  test.each([
    [
      "nothing but its columns where gates read no table",
      [],
      ["gates-columns", "gates-cutover-usage", "gates-usage"],
    ],
    [
      "the table where gates read it anyway",
      ["import_jobs"],
      ["gates-cutover-usage", "gates-select", "gates-usage"],
    ],
  ])("grants %s", async (_, reads, grants) => {
    const { ofType } = await found({ reads, imports: IMPORTS });
    expect(ofType("postgresql:index/grant:Grant").map(({ name }) => name)).toEqual(grants);
  });

  test("declares the six queries, and what alarms ask, as functions that the gate role may call, and that run as whoever calls", async () => {
    const declared = await found({ imports: IMPORTS });
    const functions = declared.ofType("postgresql:index/function:Function");
    expect(functions.map(({ name, inputs }) => [name, inputs.name])).toEqual([
      ["gates-ended", "ended_imports"],
      ["gates-Q1", "q1_success_rate"],
      ["gates-Q2", "q2_stuck_imports"],
      ["gates-Q3", "q3_durations"],
      ["gates-Q4", "q4_error_patterns"],
      ["gates-Q5", "q5_versions"],
      ["gates-Q6", "q6_timeline"],
    ]);
    for (const { inputs, dependsOn } of functions) {
      expect(inputs).toMatchObject({
        database: "ops",
        schema: "cutover",
        language: "sql",
        volatility: "STABLE",
        parallel: "SAFE",
      });
      expect(inputs).not.toHaveProperty("securityDefiner");
      expect(dependsOn).toEqual(
        expect.arrayContaining(["DefaultPrivileges gates-functions", "Schema gates-schema"]),
      );
    }
    expect(declared.one("DefaultPrivileges gates-functions").inputs).toEqual({
      ...to,
      schema: "cutover",
      owner: "postgres",
      objectType: "function",
      privileges: ["EXECUTE"],
    });
    expect(declared.one("Grant gates-cutover-usage").inputs).toEqual({
      ...to,
      schema: "cutover",
      objectType: "schema",
      privileges: ["USAGE"],
    });
  });

  test("takes the window first, in the server's own spelling of types", async () => {
    const { inputs } = (await found({ imports: IMPORTS })).one("Function gates-Q2");
    expect(inputs.args).toEqual([
      { mode: "IN", name: "since", type: "timestamp with time zone" },
      { mode: "IN", name: "until", type: "timestamp with time zone" },
      { mode: "IN", name: "older_than", type: "interval" },
    ]);
    expect(inputs.returns).toBe(
      "TABLE(imports bigint, stuck bigint, late bigint, oldest_seconds double precision, examples text[])",
    );
  });
});

describe("the baseline of a table of imports", () => {
  const imports = {
    table: "import_jobs",
    columns: { id: "id", status: "state", error: "why", started: "begun", finished: "done" },
    statuses: { succeeded: ["ok"], failed: ["bad"], running: ["run"] },
  };
  const failing: MeasureBaseline = async () => ({ failure: "connection refused" });

  test("is recorded as a secret, once the queries are there, and put out", async () => {
    let asked: unknown;
    const declared = await found(
      { imports },
      {
        measure: async (connection) => {
          asked = connection;
          return RECORDED;
        },
      },
    );
    const stash = declared.one("Stash gates-baseline");
    expect(secretOf(stash.inputs.input)).toEqual(RECORDED);
    expect([...stash.additionalSecretOutputs].sort()).toEqual(["input", "output"]);
    expect(stash.dependsOn).toEqual(expect.arrayContaining(["Function gates-Q1", "Function gates-Q6"]));
    expect(asked).toEqual({
      host: "db.internal",
      port: 5432,
      database: "ops",
      ssl: "verify-full",
      schema: "app",
      user: "cutover_gate_ops_view",
      password: "first-password",
    });
    expect(declared.outputs.baseline).toEqual(RECORDED);
  });

  test("stays, unless config asks for a new one", async () => {
    const stash = (await found({ imports: { ...imports, baseline: 3 } })).one("Stash gates-baseline");
    expect(stash.ignoreChanges).toEqual(["input"]);
    expect(stash.replacementTrigger).toBe(3);
    expect(stash.hooks).toEqual({ BeforeCreate: ["gates-baseline"] });
  });

  test("that cannot be measured is not recorded, and says why", async () => {
    const { refusals } = await found({ imports }, { measure: failing });
    expect(refusals["gates-baseline"]).toMatch(
      /^The baseline of Q1 to Q6 could not be recorded: connection refused\./,
    );
  });

  test("holds nothing up once it is there", async () => {
    const { refusals } = await found({ imports }, { measure: failing, creates: false });
    expect(refusals).toEqual({});
  });

  test("is not measured in a preview", async () => {
    let count = 0;
    await found(
      { imports },
      {
        preview: true,
        measure: async () => {
          count++;
          return RECORDED;
        },
      },
    );
    expect(count).toBe(0);
  });

  test("is there only with a table of imports", async () => {
    const { labels, outputs } = await found();
    expect(labels).not.toContain("Stash gates-baseline");
    expect(outputs).not.toHaveProperty("baseline");
  });
});

test("tells policies what it is for, and no password", async () => {
  const { inputs } = (await found()).one(PARENT);
  expect(inputs.rollout).toBe("ops-view");
  expect(JSON.stringify(inputs)).not.toContain("password");
});
