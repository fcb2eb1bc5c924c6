import { expect, it } from "vitest";
import { gateRoleOf, iamLoginOf } from "../../../src/rollout/gateLogin";

const AMAZON = "ops-db.c4k2m8p1x7qz.eu-west-1.rds.amazonaws.com";

it.each([
  ["the host of an instance", AMAZON, "eu-west-1"],
  ["the host of a proxy", "ops.proxy-c4k2m8p1x7qz.us-gov-west-1.rds.amazonaws.com", "us-gov-west-1"],
  ["a host in China", "ops.c4k2m8p1x7qz.cn-north-1.rds.amazonaws.com.cn", "cn-north-1"],
  ["the rollout, where the host names none", "db.internal", "eu-central-1"],
  ["the rollout, where the name only looks like Amazon's", `${AMAZON}.example.com`, "eu-central-1"],
])("a token is made for the region of %s", (_, host, region) => {
  const login = iamLoginOf({ name: "ops-view", database: { host, login: { auth: "iam" } } }, "eu-central-1");
  expect(login).toEqual({ user: "cutover_gate_ops_view", iam: { region } });
});

it.each([undefined, { auth: "password" as const }])("no token is made for a login of %j", (login) => {
  expect(iamLoginOf({ name: "ops-view", database: { host: AMAZON, login } }, "eu-central-1")).toBeUndefined();
});

it("a rollout's role tells the rollout", () => {
  expect(gateRoleOf({ name: "v2-pipeline-EU" })).toBe("cutover_gate_v2_pipeline_eu");
});

it("and has the name that config gives it, letter by letter", () => {
  expect(gateRoleOf({ name: "ops", database: { login: { auth: "password", name: "Ops Gates" } } })).toBe(
    "Ops Gates",
  );
});
