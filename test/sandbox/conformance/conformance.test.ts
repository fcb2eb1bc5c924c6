import { describe, expect, it } from "vitest";
import * as z from "zod";
import { compare } from "../../../docs/plugins/compare";
import { extract, type Facts } from "../../../docs/plugins/official";
import { REPLACES, STRICTER } from "../../../docs/plugins/replaces";
import { aws } from "../../../sandbox/aws/plugin/plugin";
import { specsOf } from "../../../sandbox/plugin/spec";
import { postgresql } from "../../../sandbox/postgres/plugin/plugin";

describe.each([aws, postgresql])("the plugin $name $version", ({ name, version, rows }) => {
  const official = extract(`@pulumi/${name}`, Object.keys(rows));

  it("stands for the SDK that is installed", () => expect(official.version).toBe(version));

  it.each(Object.keys(rows))("%s takes what the official one takes, and as it does", (type) => {
    const { differences } = compare(type, rows[type]?.inputs ?? {}, official.resources[type] as Facts);
    expect(differences).toEqual([]);
  });
});

const ROWS = { ...aws.rows, ...postgresql.rows };

it("knows of every resource what makes a new one", () => {
  expect(Object.keys(REPLACES).sort()).toEqual(Object.keys(ROWS).sort());
});

it("knows nothing of resources and inputs that are not there", () => {
  for (const [type, { inputs }] of Object.entries(REPLACES)) {
    expect(Object.keys(specsOf(ROWS[type as keyof typeof ROWS]?.inputs ?? {}))).toEqual(
      expect.arrayContaining([...inputs]),
    );
  }
  for (const path of Object.keys(STRICTER)) {
    const [type = "", input = ""] = path.split(".");
    expect(specsOf(ROWS[type as keyof typeof ROWS]?.inputs ?? {})[input]?.traits.replaces).toBe(true);
  }
});

describe("finds what differs", () => {
  const facts: Facts = {
    name: { kind: "text", required: true },
    password: { kind: "text", secret: true },
    items: { kind: "list", fields: { of: { kind: "number", required: true } } },
  };
  const fine = {
    name: z.string(),
    password: z.string().optional().meta({ secret: true }),
    items: z.array(z.object({ of: z.number() })).optional(),
  };
  const differences = (inputs: Record<string, z.core.$ZodType>) => compare("t", inputs, facts).differences;

  it("and nothing where all agrees", () => expect(differences(fine)).toEqual([]));

  it.each<[string, Record<string, z.core.$ZodType>]>([
    ["t.name: kind is number", { ...fine, name: z.number() }],
    ["t.name: required is false", { ...fine, name: z.string().optional() }],
    ["t.password: secret is false", { ...fine, password: z.string().optional() }],
    ["t.other is no official input", { ...fine, other: z.string() }],
    ["t.items.of: kind is text", { ...fine, items: z.array(z.object({ of: z.string() })).optional() }],
    ["t.items has fields on one side", { ...fine, items: z.array(z.string()).optional() }],
    ["t.name is required, and unknown", { password: fine.password, items: fine.items }],
  ])("%s", (clause, inputs) => expect(differences(inputs).join("\n")).toContain(clause));

  it("a change that makes a new resource on one side alone", () => {
    const type = "aws:sns/topicPolicy:TopicPolicy";
    const official: Facts = {
      arn: { kind: "text", required: true },
      policy: { kind: "text", required: true },
    };
    const inputs = { arn: z.string(), policy: z.string().meta({ replaces: true }) };
    expect(compare(type, inputs, official).differences).toEqual([
      `${type}.arn: a change makes a new resource officially alone`,
      `${type}.policy: a change makes a new resource here alone`,
    ]);
  });
});
