import {
  CloudWatchClient,
  DeleteAlarmsCommand,
  DescribeAlarmsCommand,
  type MetricAlarm,
  PutMetricAlarmCommand,
  type PutMetricAlarmCommandInput,
} from "@aws-sdk/client-cloudwatch";
import { setAlarm } from "../../../../sandbox/aws/alarms";
import { type Emulator, emulated } from "../../../../sandbox/aws/emulated";
import { alarmName } from "../../../../src/aws/names";
import { gatesFor } from "../../../../src/promotion/resolve";
import { type Rollout, stagesUpTo } from "../../../../src/rollout/rollout";
import { type Row, thresholdOf } from "../rehearsedRows";
import type { Lever } from "./lever";

/** An alarm that somebody else declares, and which is stood in for here. */
export function othersAlarms(rollout: Rollout, aws: Emulator): Lever {
  const nameOf = (row: Row) => thresholdOf(rollout, row)?.alarm;
  const pulled: string[] = [];
  return {
    moves: "the alarm that it follows",
    can: (row) => nameOf(row) !== undefined,
    async pull(row) {
      const name = nameOf(row);
      if (name === undefined) return;
      pulled.push(name);
      await setAlarm(aws, name, "ALARM");
    },
    async release() {
      for (const name of pulled.splice(0)) await setAlarm(aws, name, "OK");
    },
  };
}

/** For the gate that wants alarms to be quiet: one of them is gone. */
export function missingAlarm(rollout: Rollout, aws: Emulator): Lever {
  let taken: MetricAlarm | undefined;
  const client = () => new CloudWatchClient(emulated(aws));
  const nameOf = ({ stage, id }: Row) => {
    const own = rollout.stages.find(({ name }) => name === stage);
    const gate = own && gatesFor(rollout, own).find((one) => one.id === id && one.stage === stage);
    // Another's alarm is followed by a composite one, which is not put back by its own words alone.
    const followed = stagesUpTo(rollout, own).flatMap(({ name, abort }) =>
      Object.entries(abort).flatMap(([row, { alarm }]) =>
        alarm === undefined ? [] : [alarmName(rollout.name, name, row)],
      ),
    );
    return Object.values(gate?.alarms ?? {}).find((name) => !followed.includes(name));
  };
  return {
    moves: "an alarm that is gone",
    can: (row) => nameOf(row) !== undefined,
    async pull(row) {
      const cloudwatch = client();
      try {
        const name = nameOf(row);
        if (name === undefined) return;
        const { MetricAlarms = [] } = await cloudwatch.send(
          new DescribeAlarmsCommand({ AlarmNames: [name] }),
        );
        [taken] = MetricAlarms;
        await cloudwatch.send(new DeleteAlarmsCommand({ AlarmNames: [name] }));
      } finally {
        cloudwatch.destroy();
      }
    },
    async release() {
      const one = taken;
      taken = undefined;
      if (!one) return;
      const cloudwatch = client();
      try {
        await cloudwatch.send(new PutMetricAlarmCommand(definitionOf(one)));
      } finally {
        cloudwatch.destroy();
      }
    },
  };
}

/** An alarm as it was declared, without what CloudWatch says of its state. */
function definitionOf(alarm: MetricAlarm): PutMetricAlarmCommandInput {
  const { AlarmArn: _, AlarmName, EvaluationPeriods, ComparisonOperator, ...rest } = alarm;
  const declared = Object.entries(rest).filter(
    ([key]) => !/^(State|AlarmConfigurationUpdated|EvaluationState)/.test(key),
  );
  return { AlarmName, EvaluationPeriods, ComparisonOperator, ...Object.fromEntries(declared) };
}
