import { setMaxListeners } from "node:events";
import { InvokeCommand, LambdaClient } from "@aws-sdk/client-lambda";
import {
  GetScheduleCommand,
  type GetScheduleCommandOutput,
  ListSchedulesCommand,
  SchedulerClient,
} from "@aws-sdk/client-scheduler";
import { type Emulator, emulated } from "../aws/emulated";
import { repeat } from "../host/repeat";

/** How often what is called again and again is called, in ms: minutes pass quickly where time is scaled. */
const EVERY_MS = 1_000;

export interface ClockworkOptions extends Emulator {
  /** Functions that a rule calls each minute, by name: they are called once they are there. */
  readonly eachMinute: readonly string[];
}

/** Calls functions when their time has come. */
export interface Clockwork {
  stop(): Promise<void>;
}

/**
 * Calls in the place of EventBridge, whose shortest time is a real minute: what is due once is called when it is due, and
 * what is called again and again every second. A function that is not there yet, or fails, is called again then.
 */
export function startClockwork({ eachMinute, ...aws }: ClockworkOptions): Clockwork {
  const config = { ...emulated(aws), maxAttempts: 1 };
  const lambda = new LambdaClient(config);
  const scheduler = new SchedulerClient(config);
  const done = new Set<string>();
  const call = async (abortSignal: AbortSignal, name: string, payload?: string) => {
    const command = new InvokeCommand({
      FunctionName: name,
      ...(payload === undefined ? {} : { Payload: Buffer.from(payload) }),
    });
    const { FunctionError } = await lambda.send(command, { abortSignal });
    return FunctionError === undefined;
  };
  const loop = repeat({ pauseMs: EVERY_MS }, async (abortSignal) => {
    // Each request listens to it, and there are as many at a time as there are schedules.
    setMaxListeners(0, abortSignal);
    const { Schedules = [] } = await scheduler.send(new ListSchedulesCommand({}), { abortSignal });
    const due = await Promise.all(
      Schedules.map(({ Name, GroupName }) =>
        scheduler.send(new GetScheduleCommand({ Name, GroupName }), { abortSignal }),
      ),
    );
    const calls = due.filter((one) => isDue(one, Date.now()) && !done.has(keyOf(one)));
    await Promise.allSettled([
      ...eachMinute.map((name) => call(abortSignal, name)),
      ...calls.map(async (one) => {
        const arn = one.Target?.Arn ?? "";
        if (!/:lambda:[^:]*:[^:]*:function:/.test(arn)) return;
        if ((await call(abortSignal, arn, one.Target?.Input)) && isOnce(one)) done.add(keyOf(one));
      }),
    ]);
  });
  return {
    async stop() {
      await loop.stop();
      lambda.destroy();
      scheduler.destroy();
    },
  };
}

type Schedule = Pick<
  GetScheduleCommandOutput,
  "GroupName" | "Name" | "ScheduleExpression" | "StartDate" | "EndDate" | "State"
>;

/** Whether a schedule calls now: once its one time has come, or in each round between its start and its end. */
export function isDue(
  { ScheduleExpression = "", StartDate, EndDate, State }: Schedule,
  now: number,
): boolean {
  if (State === "DISABLED") return false;
  const once = onceAt(ScheduleExpression);
  if (once !== undefined) return once <= now;
  return (StartDate?.getTime() ?? 0) <= now && now <= (EndDate?.getTime() ?? Number.POSITIVE_INFINITY);
}

const isOnce = ({ ScheduleExpression = "" }: Schedule) => onceAt(ScheduleExpression) !== undefined;
// A schedule of the same name that was made anew has another time.
const keyOf = ({ GroupName, Name, ScheduleExpression }: Schedule) =>
  JSON.stringify([GroupName, Name, ScheduleExpression]);

/** The one time of `at(2026-01-01T00:00:00)`, in UTC, as every schedule of a rollout is. */
function onceAt(expression: string): number | undefined {
  const time = /^at\((.+)\)$/.exec(expression)?.[1];
  const at = time === undefined ? Number.NaN : Date.parse(`${time}Z`);
  return Number.isNaN(at) ? undefined : at;
}
