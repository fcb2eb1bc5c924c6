import { expect, test } from "vitest";
import { GateDatabase } from "../../components/gateDatabase";
import { declare, secretOf } from "./engine";
import { rollout } from "./rollout";

const PARENT = "GateDatabase gates";

/** `kept` is what the state holds since the first run. */
function found(changes: object = {}, kept = "first-password", name = "ops-view") {
  const { database } = rollout({
    database: { host: "db.internal", name: "ops", schema: "app", reads: ["patches", "rfis"], ...changes },
  });
  if (!database) throw new Error("no database in the fixture");
  return declare(
    () => ({ login: new GateDatabase("gates", { rollout: name, database }).login }),
    (type) => (type === "pulumi:index:Stash" ? { output: kept } : {}),
  );
}

test("declares exactly these resources, all its children", async () => {
  const { all } = await found();
  const children = ["Stash gates-password", "Role gates-role", "Grant gates-usage", "Grant gates-select"];
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
    connectionLimit: 8,
    statementTimeout: 60_000,
    searchPaths: ["app"],
  });
  expect(secretOf(password)).toBe("first-password");
});

test.each([
  ["v2-pipeline-EU", "cutover_gate_v2_pipeline_eu"],
  ["a".repeat(32), `cutover_gate_${"a".repeat(32)}`],
])("makes a role name of %s that PostgreSQL takes unquoted", async (name, role) => {
  const { inputs } = (await found({}, "x", name)).one("Role gates-role");
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
  expect((await found({}, "kept-password")).outputs.login).toEqual({
    user: "cutover_gate_ops_view",
    password: "kept-password",
  });
});

test("tells policies what it is for, and no password", async () => {
  const { inputs } = (await found()).one(PARENT);
  expect(inputs.rollout).toBe("ops-view");
  expect(JSON.stringify(inputs)).not.toContain("password");
});
