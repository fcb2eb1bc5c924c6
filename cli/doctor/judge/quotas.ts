import type { Known } from "../../../src/aws/known";
import { alarmName, isRowAlarmOf } from "../../../src/aws/names";
import { VERSION_QUOTA } from "../../../src/flags/versions";
import type { Rollout } from "../../../src/rollout/rollout";
import { counted } from "../../../src/text/counted";
import type { Locate } from "../../../src/text/problem";
import { type Finding, finder } from "../finding";
import type { Used } from "../look/quotas";

const { ok, fault, later, unknown } = finder("Quotas");

/**
 * What AWS allows where nobody had it raised. Sources: AWS General Reference, AppConfig and CloudWatch endpoints and
 * quotas; AppConfig's API reference, Environment.Monitors.
 */
const QUOTA = {
  applications: 100,
  strategies: 20,
  versions: VERSION_QUOTA,
  monitors: 5,
  alarms: 5_000,
} as const;

/** Lambda keeps so many for functions without a reservation. Source: Lambda developer guide, reserved concurrency. */
const UNRESERVED_AT_LEAST = 100;

/** A promotion and the abort that may follow it make a version each. */
const VERSIONS_NEEDED = 2;

const RAISE = "ask for more in Service Quotas";

export function judgeQuotas(rollout: Rollout, used: Used, locate: Locate): Finding[] {
  return [
    room("AppConfig applications", used.applications, QUOTA.applications, {
      own: (found) => (found.includes(rollout.name) ? 0 : 1),
      remedy: `Delete applications that nobody uses, or ${RAISE}`,
    }),
    room("AppConfig deployment strategies", used.strategies, QUOTA.strategies, {
      own: (found) => (found.includes(`${rollout.name}-at-once`) ? 0 : 1),
      remedy: `Delete deployment strategies that nobody uses, or ${RAISE}`,
    }),
    versions(used.versions),
    monitors(used.monitors),
    alarms(rollout, used.alarms),
    concurrency(rollout, used, locate),
  ];
}

interface Room {
  /** How many more the rollout makes. */
  own(found: readonly string[]): number;
  readonly remedy: string;
}

function room(name: string, used: Known<readonly string[]>, quota: number, { own, remedy }: Room): Finding {
  if (!used.ok) return unknown(name, used.why, used.remedy);
  const { length } = used.value;
  const more = own(used.value);
  const words = `${length} of ${quota}${more > 0 ? `, and ${more} more to be made` : ""}`;
  return length + more > quota ? fault(name, words, remedy) : ok(name, words);
}

function versions(used: Known<number | undefined>): Finding {
  const name = "versions of the flag document";
  if (!used.ok) return unknown(name, used.why, used.remedy);
  if (used.value === undefined) return later(name, `none yet, of ${QUOTA.versions}`);
  const words = `${used.value} of ${QUOTA.versions}`;
  return used.value + VERSIONS_NEEDED > QUOTA.versions
    ? fault(
        name,
        `${words}: an abort or a drill would soon be refused, until the next promotion deletes what is spare`,
        `Delete old hosted configuration versions in AppConfig that are not live, or ${RAISE}`,
      )
    : ok(name, `${words}; each promotion deletes what is spare`);
}

function monitors(used: Known<number | undefined>): Finding {
  const name = "monitors of the environment";
  if (!used.ok) return unknown(name, used.why, used.remedy);
  if (used.value === undefined) return later(name, `none yet, of ${QUOTA.monitors}; cutover uses none`);
  return used.value === 0
    ? ok(name, `0 of ${QUOTA.monitors}: cutover uses none`)
    : fault(
        name,
        `${counted(used.value, "alarm")} of somebody's would have AppConfig roll a deployment back, past cutover`,
        "Take the monitors off the environment, and declare what they watch as abort rows",
      );
}

function alarms(rollout: Rollout, used: Known<readonly string[]>): Finding {
  const declared = rollout.stages.flatMap((stage) =>
    Object.keys(stage.abort).map((row) => alarmName(rollout.name, stage.name, row)),
  );
  return room("CloudWatch alarms", used, QUOTA.alarms, {
    own: (found) => declared.filter((name) => !found.includes(name)).length,
    remedy: `Delete alarms that nobody uses, or ${RAISE}`,
  });
}

/** The switches that are not there yet each keep some of the account's concurrency for themselves. */
function concurrency({ name, stages, reservedConcurrency }: Rollout, used: Used, locate: Locate): Finding {
  const line = "Lambda concurrency";
  if (!used.concurrency.ok) return unknown(line, used.concurrency.why, used.concurrency.remedy);
  const { limit, unreserved } = used.concurrency.value;
  if (reservedConcurrency < 0) return ok(line, `${unreserved} of ${limit} are unreserved; none is reserved`);
  const there = used.alarms.ok ? used.alarms.value.filter((one) => isRowAlarmOf(name, one)) : [];
  const missing = stages.filter(
    (stage) =>
      Object.values(stage.abort).some(({ action }) => action === "rollback") &&
      !Object.keys(stage.abort).some((row) => there.includes(alarmName(name, stage.name, row))),
  );
  const asked = reservedConcurrency * missing.length;
  const words = `${unreserved} of ${limit} are unreserved, ${asked} more would be reserved by ${counted(missing.length, "switch", "switches")}`;
  if (asked === 0) return ok(line, `${unreserved} of ${limit} are unreserved`);
  return unreserved - asked < UNRESERVED_AT_LEAST
    ? fault(
        line,
        `${words}, and Lambda keeps ${UNRESERVED_AT_LEAST} unreserved: the switches could not be made`,
        `Write reservedConcurrency: -1 under cutover:rollout, which reserves none, or ${RAISE}`,
        { where: locate(stages[0].name, ["cutover:rollout", "reservedConcurrency"]) },
      )
    : ok(line, words);
}
