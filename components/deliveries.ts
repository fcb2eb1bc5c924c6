import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { deliveriesGroup, deliveriesName, deliveryName, functionRole, watchName } from "../src/aws/names";
import { describedAs } from "../src/delivery/declared";
import { type DeliveryConfig, type DeliveryMap, deliveryKindOf, withinOf } from "../src/delivery/registry";
import type { FlagStoreIds } from "../src/flags/appConfigStore";
import type { FlagSpecs } from "../src/flags/flags";
import type { DeliverySettings } from "../src/lambda/deliverySettings";
import { milliseconds } from "../src/text/duration";
import {
  allMessagesIn,
  errorsOf,
  functionLogs,
  HANDLER_RUNTIME,
  handlerCode,
  messagesIn,
  watchAlarm,
} from "./handler";
import { ASSUME_ROLE } from "./permissions/abortSwitch";
import { deliveryPolicyOf } from "./permissions/delivery";
import { declareWorkedQueue, feedTo, type Worked, type Worker, workedOf } from "./workedQueue";

/** Arguments of `Deliveries`. */
export interface DeliveriesArgs {
  rollout: string;
  region: string;
  flags: FlagSpecs;
  deliveries: DeliveryMap;
  store: pulumi.Input<FlagStoreIds>;
  /** The ARN of on-call's topic. */
  onCall: pulumi.Input<string>;
}

/** A platform is read, written, read again: some ten calls of 10 s at most, which never take as long together. */
const TIMEOUT_SECONDS = 60;
/** A call that nobody put off comes back after this time: a function that was killed half-way is not waited for long. */
const VISIBILITY_SECONDS = TIMEOUT_SECONDS + 5;
/** The most that SQS takes. At the slowest pace of tries that is most of a day; on-call is told long before. */
const TRIES = 1_000;

interface Queued extends Worked {
  readonly config: DeliveryConfig;
}

/**
 * What carries a rollout's flags on to the platforms that its servers read them from: a queue for each, which whoever
 * changes the flags calls, and one function that brings the platform to what the ledger has live.
 */
export class Deliveries extends pulumi.ComponentResource {
  constructor(
    private readonly name: string,
    private readonly args: DeliveriesArgs,
    opts?: pulumi.ComponentResourceOptions,
  ) {
    const { rollout, deliveries } = args;
    super("cutover:index:Deliveries", name, { rollout, deliveries }, opts);
    const queued = Object.entries(deliveries).map(([delivery, config]) => this.queue(delivery, config));
    const worker = this.declareFunction(queued);
    for (const one of queued) this.connect(one, worker);
    watchAlarm(
      `${name}-errors`,
      {
        name: watchName(deliveriesName(rollout), "errors"),
        alarmDescription: `${rollout}, delivery: the function that carries flags on failed; it is tried again. Its log says why`,
        ...errorsOf(worker.fn),
      },
      args.onCall,
      { parent: this },
    );
    this.registerOutputs({});
  }

  private queue(delivery: string, config: DeliveryConfig): Queued {
    const worked = declareWorkedQueue(
      `${this.name}-${delivery}`,
      { name: delivery, called: deliveryName(this.args.rollout, delivery) },
      { visibilitySeconds: VISIBILITY_SECONDS, tries: TRIES },
      { parent: this },
    );
    return { ...worked, config };
  }

  private declareFunction(queued: readonly Queued[]): Worker {
    const parent = { parent: this };
    const { name, args } = this;
    const { rollout, region, deliveries, flags } = args;
    const functionName = deliveriesName(rollout);
    const logs = functionLogs(name, functionName, parent);
    // Kept for as long as the rollout is there: what it says of the last delivery is what the next one goes by.
    const kept = new aws.cloudwatch.LogGroup(`${name}-kept`, { name: deliveriesGroup(rollout) }, parent);
    const role = new aws.iam.Role(
      name,
      {
        name: functionRole(functionName, region),
        description: `Carries flags of ${rollout} on to platforms`,
        assumeRolePolicy: ASSUME_ROLE,
      },
      parent,
    );
    const policy = new aws.iam.RolePolicy(
      name,
      {
        name: "delivery",
        role: role.name,
        policy: pulumi
          .all([
            args.store,
            pulumi.all(queued.map(({ queue }) => queue.arn)),
            pulumi.all(queued.map(({ deadLetterQueue }) => deadLetterQueue.arn)),
            kept.arn,
            logs.arn,
          ])
          .apply(([store, queues, deadLetterQueues, keptArn, logsArn]) =>
            deliveryPolicyOf({ deliveries, store, queues, deadLetterQueues, keptArn, logsArn }),
          ),
      },
      parent,
    );
    const settings = pulumi.all([args.store, pulumi.all(queued.map(workedOf)), kept.name]).apply(
      ([store, queues, keptGroup]): DeliverySettings => ({
        ...{ rollout, region, specs: flags, store, deliveries, queues, keptGroup },
      }),
    );
    const fn = new aws.lambda.Function(
      name,
      {
        name: functionName,
        description: describedAs(rollout, flags, deliveries),
        role: role.arn,
        ...HANDLER_RUNTIME,
        code: handlerCode("delivery", settings),
        memorySize: 512,
        timeout: TIMEOUT_SECONDS,
      },
      { ...parent, dependsOn: [policy, logs] },
    );
    return { fn, policy };
  }

  /** The queue to the function, and alarms on both ways out. */
  private connect(one: Queued, worker: Worker): void {
    const parent = { parent: this };
    const { rollout, onCall } = this.args;
    const { config, called, queue, deadLetterQueue } = one;
    const name = `${this.name}-${one.name}`;
    // That two at once end in the same is tested; more are let through by nobody.
    feedTo(name, one, worker, parent);
    const { title } = deliveryKindOf(config);
    const log = `The log /aws/lambda/${deliveriesName(rollout)} says why`;
    watchAlarm(
      `${name}-late`,
      {
        name: watchName(called, "late"),
        alarmDescription: `${rollout}, delivery ${one.name} (${title}): flags have changed, and servers there go on with those of before for longer than ${withinOf(config)}. ${log}`,
        ...allMessagesIn(queue),
      },
      onCall,
      parent,
      { threshold: EMPTY_BELOW, minutes: lateMinutes(withinOf(config)) },
    );
    watchAlarm(
      `${name}-dlq`,
      {
        name: watchName(called, "dlq"),
        alarmDescription: `${rollout}, delivery ${one.name} (${title}): it refused flags, and servers there go on with those of before: set them by hand. ${log}`,
        ...messagesIn(deadLetterQueue),
      },
      onCall,
      parent,
    );
  }
}

/** On average of a minute: whoever counted one message each time counted 1, and averages of parts may add up to a bit less. */
const EMPTY_BELOW = 0.99;

/** SQS counts once a minute: what it has held this often in a row was under way for longer than it may be. */
function lateMinutes(within: string): number {
  return Math.ceil(milliseconds(within) / 60_000) + 1;
}
