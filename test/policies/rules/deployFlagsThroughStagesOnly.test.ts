import { describe, expect, test } from "vitest";
import { deployFlagsThroughStagesOnly as rule } from "../../../policies/rules/deployFlagsThroughStagesOnly";
import { UNKNOWN, violations } from "../judge";

const GUARDED = [
  "aws:appconfig/deployment:Deployment",
  "aws:appconfig/hostedConfigurationVersion:HostedConfigurationVersion",
];

const under = (type: string, ...parents: string[]) => ({
  type,
  name: "flags",
  urn: `urn:pulumi:stageB::ops-view::${[...parents, type].join("$")}::flags`,
  props: { configurationVersion: UNKNOWN },
});

describe.each(GUARDED)("%s", (type) => {
  test.each([
    ["a stage", ["cutover:index:Stage"]],
    ["the foundation", ["cutover:index:Foundation"]],
    ["a component that holds a stage", ["acme:index:Cutover", "cutover:index:Stage"]],
    ["a part of a stage", ["cutover:index:Stage", "cutover:index:Part"]],
  ])("may be a child of %s", (_, parents) => {
    expect(violations(rule, under(type, ...parents))).toEqual([]);
  });

  test.each([
    ["nothing", []],
    ["another component", ["acme:index:Stage"]],
    ["a component with a like name", ["cutover:index:StageOne", "x:cutover:index:Stage"]],
    ["the gate database", ["cutover:index:GateDatabase"]],
  ])("may not be a child of %s", (_, parents) => {
    expect(violations(rule, under(type, ...parents))).toEqual([
      `${type} flags deploys flags past every gate. Declare it through the Stage component, or take it out.`,
    ]);
  });

  test("may not be called like a child of a stage", () => {
    const urn = `urn:pulumi:stageB::ops-view::${type}::cutover:index:Stage$flags`;
    expect(violations(rule, { ...under(type), urn })).toHaveLength(1);
  });

  test.each(["", "flags", "urn:pulumi:stageB"])("does not pass with a URN that cannot be read: %o", (urn) => {
    expect(violations(rule, { ...under(type), urn })).toHaveLength(1);
  });
});

test.each(["aws:appconfig/environment:Environment", "aws:sns/topic:Topic", "cutover:index:Stage"])(
  "ignores %s",
  (type) => {
    expect(violations(rule, under(type))).toEqual([]);
  },
);
