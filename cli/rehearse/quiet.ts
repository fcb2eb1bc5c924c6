import { CloudWatchClient, DescribeAlarmsCommand } from "@aws-sdk/client-cloudwatch";
import { emulated } from "../../sandbox/aws/emulated";
import { quietAlarms, sendMetrics } from "../../sandbox/standin/signals/send";
import { alarmName, DRILL_ROW, drillMetric } from "../../src/aws/names";
import type { Rollout } from "../../src/rollout/rollout";
import { showDuration } from "../../src/text/duration";
import { UserError } from "../../src/text/problem";
import { untilSo } from "./pace";
import type { World } from "./world";

/**
 * Waits until all alarms of a rollout are quiet: nothing is promoted before. What made them ring is mended by now: each is
 * quiet once its metric says so, without its period being over; that of a drill at once.
 *
 * @param forMs how long they have to be quiet without a break. Default: it is enough that they are
 */
export async function untilQuiet(
  { sandbox }: Pick<World, "sandbox">,
  { name, stages }: Pick<Rollout, "name" | "stages">,
  forMs = 0,
): Promise<void> {
  const client = new CloudWatchClient(emulated(sandbox.aws));
  const command = new DescribeAlarmsCommand({ AlarmNamePrefix: `${name}-`, StateValue: "ALARM" });
  const since = Date.now();
  let ringing: string[] = [];
  let quietSince: number | undefined;
  try {
    const quiet = await untilSo(async () => {
      const { MetricAlarms = [] } = await client.send(command);
      ringing = MetricAlarms.map(({ AlarmName }) => AlarmName ?? "");
      const drilled = stages.filter((stage) => ringing.includes(alarmName(name, stage.name, DRILL_ROW)));
      for (const stage of drilled) await forget(sandbox.aws, drillMetric(name, stage.name));
      if (ringing.length > 0) {
        quietSince = undefined;
        await quietAlarms(sandbox.aws, since);
        return undefined;
      }
      quietSince ??= performance.now();
      return performance.now() - quietSince >= forMs || undefined;
    }, sandbox.closing);
    if (!quiet)
      throw new UserError(
        ringing.length > 0
          ? `Still in ALARM: ${ringing.join(", ")}`
          : `The alarms of ${name} do not stay quiet for ${showDuration(forMs)}`,
      );
  } finally {
    client.destroy();
  }
}

/** As if the metric of a drill had never said anything. */
function forget(aws: World["sandbox"]["aws"], metric: ReturnType<typeof drillMetric>): Promise<void> {
  return sendMetrics(aws, [{ metric, value: 0, samples: 1 }], { since: Date.now() - 120_000 });
}
