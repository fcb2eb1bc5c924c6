import { describe, expect, test } from "vitest";
import { Channels } from "../../components/channels";
import { channelMap } from "../../src/channels/registry";
import { alarmsToOnCall, alarmsToSwitch } from "../../src/rollout/alarmNames";
import { type Declared, declare, type State } from "./engine";
import { alarm, rollout } from "./rollout";
import { declareStage, ON_CALL, raising } from "./stageRun";

/** The alarms that publish to a topic whose ARN ends so, by their names. */
function publishing({ all }: Pick<Declared, "all">, topic: RegExp): string[] {
  return all
    .flatMap(({ label, inputs }) => (label.startsWith("MetricAlarm ") ? [inputs] : []))
    .filter(({ alarmActions }) => [alarmActions].flat().some((arn) => topic.test(String(arn))))
    .map(({ name }) => String(name))
    .sort();
}

describe("the alarms that topics' policies are judged by", () => {
  const probe = { probe: { query: "select count(*) as n from patches", timeout: "5s" } };
  const messages = { C2: { title: "Later", to: ["ops"], when: { after: "24h" }, soakSummary: false } };
  const spec = rollout(
    {},
    {
      stageB: {
        abort: {
          XB1: alarm(),
          XB2: alarm({ action: "page", metric: undefined, missingData: "breaching", ...probe }),
        },
        messages,
      },
    },
  );
  const [stageB] = spec.stages.filter(({ name }) => name === "stageB");

  const database = {
    ...{ host: "db.internal", port: 5432, database: "ops", schema: "app", ssl: "verify-full" as const },
    ...{ user: "gate", password: "s3cret" },
  };

  test("are all that a stage declares: those of on-call's topic, and those of its switch", async () => {
    const declared = await declareStage({ spec, promotion: raising(), database });
    const only = { ...spec, stages: spec.stages.filter(({ name }) => name === "stageB") };
    expect(publishing(declared, /:ops-view-on-call$/)).toEqual(alarmsToOnCall(only).sort());
    expect(publishing(declared, /stageB-abort/)).toEqual(
      alarmsToSwitch("ops-view", { name: "stageB", abort: stageB?.abort ?? {} }).sort(),
    );
  });

  test("are all that channels declare", async () => {
    const channels = channelMap.parse({
      pager: { kind: "pagerduty", topics: ["onCall"], secret: "search/pagerduty" },
    });
    const provider = (_: string, inputs: State): State => ({ arn: `arn:aws:x:::${inputs.name}`, url: "u" });
    const declared = await declare(() => {
      new Channels("ops-view-channels", {
        ...{ rollout: "ops-view", region: "eu-central-1", channels },
        topics: { onCall: ON_CALL, ops: ON_CALL, stakeholders: ON_CALL },
      } as never);
      return {};
    }, provider);
    const own = alarmsToOnCall({ name: "ops-view", stages: [], channels });
    expect(publishing(declared, /:ops-view-on-call$/)).toEqual(own.sort());
  });
});
