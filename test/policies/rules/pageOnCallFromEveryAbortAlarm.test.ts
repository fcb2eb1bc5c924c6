import { expect, test } from "vitest";
import { pageOnCallFromEveryAbortAlarm as rule } from "../../../policies/rules/pageOnCallFromEveryAbortAlarm";
import { type Changes, changed, type Resource, UNKNOWN, UnknownValueError, violations } from "../judge";

const ON_CALL = "arn:aws:sns:eu-central-1:123456789012:ops-view-on-call";
const OPS = "arn:aws:sns:eu-central-1:123456789012:ops-view-ops";

function alarm(changes: Changes = {}, over: Partial<Resource> = {}): Resource {
  const type = "aws:cloudwatch/metricAlarm:MetricAlarm";
  return {
    type,
    name: "stageB-XB1",
    urn: `urn:pulumi:stageB::ops-view::cutover:index:Stage$${type}::stageB-XB1`,
    props: changed({ alarmActions: [OPS, ON_CALL], treatMissingData: "notBreaching" }, changes),
    ...over,
  };
}

test("lets the compliant alarm pass", () => {
  expect(violations(rule, alarm())).toEqual([]);
  expect(violations(rule, alarm({ alarmActions: [ON_CALL], actionsEnabled: true }))).toEqual([]);
});

test.each([
  ["missing", undefined],
  ["empty", []],
  ["of other topics only", [OPS]],
  ["of a topic with a like name", [`${ON_CALL}-archive`, "arn:aws:sns:eu-central-1:1:call"]],
  ["a string", ON_CALL],
  ["a map", { "0": ON_CALL }],
  ["of a wrong type", [null, 7, { arn: ON_CALL }]],
])("alarm actions that are %s page nobody", (_, alarmActions) => {
  expect(violations(rule, alarm({ alarmActions }))).toEqual([
    "The alarm stageB-XB1 does not page on-call: nobody would know that it fired. Add the on-call topic to its alarmActions.",
  ]);
});

const drill = { name: "ops-view-stageB-drill", namespace: "cutover/ops-view", metricName: "Drill-stageB" };

test("the drill's alarm is judged in full while its action is not known yet: nothing of the rule becomes advice", () => {
  const unknown = { ...drill, alarmActions: UNKNOWN };
  expect(violations(rule, alarm(unknown))).toEqual([]);
  expect(violations(rule, alarm({ ...unknown, actionsEnabled: false }))).toHaveLength(1);
});

test("the drill's alarm pages through the switch, and is held to all else", () => {
  expect(violations(rule, alarm({ ...drill, alarmActions: [OPS] }))).toEqual([]);
  expect(violations(rule, alarm({ ...drill, alarmActions: [OPS], actionsEnabled: false }))).toHaveLength(1);
});

test.each([
  ["another name", { name: "ops-view-stageB-XB1" }],
  ["a metric of the service", { namespace: "OpsView" }],
  ["another metric of cutover", { metricName: "Divergence" }],
  ["no metric", { metricName: undefined, namespace: undefined }],
])("an alarm with %s is no drill's", (_, changes) => {
  expect(violations(rule, alarm({ ...drill, alarmActions: [OPS], ...changes }))).toHaveLength(1);
});

test.each([false, "false", "true", 0, null])("actions enabled: %o", (actionsEnabled) => {
  const [message, ...others] = violations(rule, alarm({ actionsEnabled }));
  expect(message).toContain("The alarm stageB-XB1 has its actions disabled");
  expect(message).toContain("Remove actionsEnabled");
  expect(others).toEqual([]);
});

test.each(["breaching", "notBreaching", "ignore", "missing"])("missing data means %s", (treatMissingData) => {
  expect(violations(rule, alarm({ treatMissingData }))).toEqual([]);
});

test.each([undefined, null, "", "Breaching", "alarm", true, ["breaching"]])(
  "missing data means %o",
  (value) => {
    const [message, ...others] = violations(rule, alarm({ treatMissingData: value }));
    expect(message).toContain("The alarm stageB-XB1 does not say what missing data means");
    expect(message).toContain("Set missingData");
    expect(others).toEqual([]);
  },
);

test("tells all that is wrong at once", () => {
  expect(violations(rule, alarm({}, { props: { actionsEnabled: false } }))).toHaveLength(3);
});

test.each(["alarmActions", "alarmActions.1", "treatMissingData", "actionsEnabled"])(
  "does not pass while %s is unknown",
  (path) => {
    expect(() => violations(rule, alarm({ [path]: UNKNOWN }))).toThrow(UnknownValueError);
  },
);

test("ignores alarms that are no stage's, and all else", () => {
  const props = {};
  const type = "aws:cloudwatch/metricAlarm:MetricAlarm";
  expect(violations(rule, alarm({}, { props }))).not.toEqual([]);
  expect(violations(rule, alarm({}, { props, urn: `urn:pulumi:s::p::${type}::cpu` }))).toEqual([]);
  expect(violations(rule, alarm({}, { props, type: "aws:sns/topic:Topic" }))).toEqual([]);
});

test("an alarm that says which topic of the account's own is on-call's has to page that very one", () => {
  const pagers = ON_CALL.replace("ops-view-on-call", "pagers");
  const tags = { "cutover:on-call": pagers };
  expect(violations(rule, alarm({ alarmActions: [pagers], tags }))).toEqual([]);
  for (const arn of [ON_CALL, `${pagers}s`])
    expect(violations(rule, alarm({ alarmActions: [arn], tags }))).toHaveLength(1);
  expect(violations(rule, alarm({ alarmActions: [pagers] }))).toHaveLength(1);
});

test("an alarm that follows another pages on-call, too; what silence means is the other's", () => {
  const type = "aws:cloudwatch/compositeAlarm:CompositeAlarm";
  const urn = `urn:pulumi:stageB::ops-view::cutover:index:Stage$${type}::stageB-XB9`;
  const follows = (changes: Changes) =>
    violations(rule, alarm({ treatMissingData: undefined, ...changes }, { type, urn }));
  expect(follows({})).toEqual([]);
  expect(follows({ alarmActions: [OPS] })).toHaveLength(1);
  expect(follows({ actionsEnabled: false })).toHaveLength(1);
});

test("sees alarms that stand deeper in a stage", () => {
  const urn =
    "urn:pulumi:s::p::cutover:index:Stage$cutover:index:Alarms$aws:cloudwatch/metricAlarm:MetricAlarm::x";
  expect(violations(rule, alarm({ alarmActions: [] }, { urn }))).toHaveLength(1);
});
