import { describe, expect, it } from "vitest";
import { z } from "zod";
import { fromApi, service, toApi } from "../../../sandbox/aws/plugin/api";
import { description, fixed, tagged } from "../../../sandbox/aws/plugin/row";
import type { Aws } from "../../../sandbox/aws/plugin/session";
import { set } from "../../../sandbox/plugin/spec";
import type { Props } from "../../../sandbox/plugin/values";

const inputs = {
  ...tagged,
  dbName: fixed(),
  principalOrgId: z.string().optional().meta({ api: "PrincipalOrgID" }),
  description: description(),
  labels: z.record(z.string(), z.string()).optional(),
  monitors: set(z.object({ alarmArn: z.string(), roleArn: z.string().optional() }))
    .optional()
    .meta({ clear: [] }),
  force: z.boolean().default(false).meta({ api: false }),
};

describe("a table of fields", () => {
  const given = { dbName: "a", force: true, region: "r", tags: { a: "b" }, labels: { aKey: "b" } };

  it("tells what is given, in the service's words", () => {
    const rest = { principalOrgId: "o", monitors: [{ alarmArn: "arn" }] };
    expect(toApi(inputs, { ...given, ...rest })).toEqual({
      DBName: "a",
      PrincipalOrgID: "o",
      Labels: { aKey: "b" },
      Monitors: [{ AlarmArn: "arn" }],
    });
  });
  it("says in an update that there is none any more", () => {
    const cleared = { DBName: "a", Labels: { aKey: "b" }, Description: "", Monitors: [] };
    expect(toApi(inputs, given, true)).toEqual(cleared);
  });
  it("reads absence as none only where the service would have told", () => {
    const found = { DBName: "a", Monitors: [{ AlarmArn: "arn", RoleArn: "" }], Force: true, Strange: 1 };
    const described = { dbName: "a", description: null, monitors: [{ alarmArn: "arn" }] };
    expect(fromApi(inputs, found)).toEqual(described);
    expect(fromApi(inputs, {})).toHaveProperty("principalOrgId", undefined);
  });
});

describe("a regular row", () => {
  const calls: [string, Props][] = [];
  const call = (name: string, answer: Props) => async (request: Props) => {
    calls.push([name, request]);
    return answer;
  };
  const things = service(
    async () => ({
      createThing: call("createThing", { Id: "1" }),
      getThings: call("getThings", { Things: [{ Description: "d", Arn: "arn" }] }),
      updateThing: call("updateThing", {}),
      deleteThings: call("deleteThings", {}),
      listTagsForResource: call("list", { Tags: [{ Key: "a", Value: "b" }] }),
    }),
    { key: "ResourceArn" },
  );
  const row = things.row({
    inputs,
    outputs: ["arn"],
    create: "createThing",
    read: "getThings",
    update: "updateThing",
    delete: "deleteThings",
    key: (DBName) => ({ DBName }),
    names: (name) => ({ DBNames: [name] }),
    id: ({ Id }) => String(Id),
    within: ({ Things }) => (Things as Props[])[0],
    deletes: ({ force }) => ({ Force: force }),
  });
  const aws = {} as Aws;
  const given = { dbName: "a", principalOrgId: undefined, description: undefined, force: false };
  const all = { ...given, region: "r", tags: {}, labels: undefined, monitors: undefined };

  it("makes the calls of its life", async () => {
    expect(await row.create(aws, { ...all, tagsAll: { a: "b" } })).toBe("1");
    expect(await row.read(aws, "a", {})).toMatchObject({ dbName: "a", description: "d", arn: "arn" });
    await row.update?.(aws, "a", all, {});
    await row.delete(aws, "a", { force: true });
    expect(await row.tagging?.list(aws, "arn")).toEqual({ a: "b" });
    expect(calls).toEqual([
      ["createThing", { DBName: "a", Tags: [{ Key: "a", Value: "b" }] }],
      ["getThings", { DBNames: ["a"] }],
      ["updateThing", { DBName: "a", Description: "", Monitors: [] }],
      ["deleteThings", { DBNames: ["a"], Force: true }],
      ["list", { ResourceArn: "arn" }],
    ]);
  });
});
