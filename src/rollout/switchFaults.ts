import { KEPT_FROM_RUNNING, notActive } from "../aws/functions";
import { letsTopicIn } from "../aws/invokePolicy";
import { switchName } from "../aws/names";
import { short } from "../text/command";
import { counted } from "../text/counted";
import { tellWhere } from "../text/problem";
import { alarmArns, alarmsToSwitch } from "./alarmNames";
import type { Guarding, SwitchFacts } from "./guardFacts";
import { type Fault, restore, unknown } from "./guardFault";
import type { Rollout } from "./rollout";
import { topicFaults } from "./topicFaults";

/** What keeps the abort switch of a stage from lowering its flags: its topic, its function, its dead-letter queue. */
export function switchFaults(
  rollout: Pick<Rollout, "name" | "account">,
  { name: stage, abort }: Pick<Guarding["stage"], "name" | "abort">,
  facts: SwitchFacts,
): Fault[] {
  const { topicArn, topic } = facts;
  const name = switchName(rollout.name, stage);
  const remedy = restore(stage);
  const alarms = alarmArns(alarmsToSwitch(rollout.name, { name: stage, abort }), topicArn);
  const declared = rollout.account?.kmsKeys.topics;
  return [
    ...functionFaults(name, facts, stage),
    ...topicFaults({ arn: topicArn, declared, alarms, roles: false, remedy }, topic),
    ...subscriberFaults(name, facts, remedy),
    ...permissionFaults(name, facts, remedy),
    ...deadLetterFaults(name, facts, remedy),
  ];
}

function functionFaults(name: string, { fn }: SwitchFacts, stage: string): Fault[] {
  const remedy = restore(stage);
  if (!fn.ok) return [unknown(`whether the function ${name} could run`, fn)];
  if (!fn.value)
    return [{ what: `the function ${name} is not there: nothing would lower the flags`, remedy }];
  const { state, lastUpdate, reserved, reason } = fn.value;
  const why = reason ? ` (${reason})` : "";
  return [
    ...tellWhere(reserved === 0, { what: `the function ${name} ${KEPT_FROM_RUNNING}`, remedy }),
    ...tellWhere(state !== "Active", {
      what: `the function ${name} ${notActive(fn.value)}`,
      remedy: state === "Inactive" ? `Wake it by a drill: ${short.ofStage("drill", stage)}` : remedy,
      passing: state === "Pending",
    }),
    ...tellWhere(lastUpdate !== "Successful", {
      what: `the last update of the function ${name} is not successful but ${lastUpdate || "unknown"}${why}`,
      remedy,
      passing: lastUpdate === "InProgress",
    }),
  ];
}

function subscriberFaults(name: string, { subscribers, fn }: SwitchFacts, remedy: string): Fault[] {
  if (!subscribers.ok) return [unknown(`whether the topic ${name} reaches its function`, subscribers)];
  if (!subscribers.value)
    return [{ what: `the topic ${name} is not there: nothing would lower the flags`, remedy }];
  const arn = fn.ok ? fn.value?.arn : undefined;
  const own = subscribers.value.filter(
    ({ protocol, endpoint, confirmed }) =>
      protocol === "lambda" && confirmed && (arn === undefined || endpoint === arn),
  );
  if (own.some(({ filtered }) => !filtered)) return [];
  return [
    own.length === 0
      ? { what: `the topic ${name} does not reach its function: nothing would lower the flags`, remedy }
      : {
          what: `the subscription of the function ${name} has a filter policy: it may keep alarms from it`,
          remedy,
        },
  ];
}

/** Without the function's own permission SNS calls it in vain, however well it is subscribed. */
function permissionFaults(name: string, { topicArn, fn, invoke }: SwitchFacts, remedy: string): Fault[] {
  // Of a function that is not there, or is not known, that is said already.
  if (!fn.ok || !fn.value) return [];
  if (!invoke.ok) return [unknown(`whether the topic ${name} may call its function`, invoke)];
  return tellWhere(!letsTopicIn(invoke.value, topicArn, fn.value.arn), {
    what: `the topic ${name} may not call its function (lambda:InvokeFunction for sns.amazonaws.com): nothing would lower the flags`,
    remedy,
  });
}

function deadLetterFaults(name: string, { deadLetters }: SwitchFacts, remedy: string): Fault[] {
  if (!deadLetters.ok) return [unknown(`whether the dead-letter queue of ${name} is empty`, deadLetters)];
  if (deadLetters.value === undefined)
    return [{ what: `the dead-letter queue of ${name} is not there`, remedy }];
  return tellWhere(deadLetters.value !== 0, {
    what: `${counted(deadLetters.value, "message lies", "messages lie")} in the dead-letter queue of ${name}: an abort was given up on`,
    remedy: `Find in the log /aws/lambda/${name} why, mend it, then purge the queue ${name}-dlq in SQS`,
  });
}
