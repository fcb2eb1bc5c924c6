import { setTimeout as sleep } from "node:timers/promises";
import { SecretsManagerClient } from "@aws-sdk/client-secrets-manager";
import { awsClient } from "../aws/clients";
import { KeptLog } from "../aws/keptLog";
import { QueueClient } from "../aws/queues";
import { secretText } from "../aws/secretText";
import { type DeliveryWorld, deliver } from "../delivery/deliver";
import { deliveredIn, keepDelivered, memoryOf } from "../delivery/kept";
import { readLive } from "../delivery/live";
import { originIn } from "../delivery/origin";
import { AppConfigStore, appConfigClient } from "../flags/appConfigStore";
import { askOutside } from "../text/askOutside";
import { AwsPlatforms } from "./awsPlatforms";
import type { DeliverySettings } from "./deliverySettings";
import {
  type Failures,
  type Fate,
  type Held,
  type QueueEvent,
  QueueWorker,
  type WorkedQueue,
} from "./queueWorker";

/** A project of Vercel's lists all of its variables in one answer. */
const ANSWER_BYTES = 2_000_000;

/** Carries flags on to platforms, with the credentials of the function. */
export class DeliveryFunction {
  private readonly worker: QueueWorker<WorkedQueue>;
  private readonly world: DeliveryWorld;

  constructor(
    private readonly settings: DeliverySettings,
    private readonly log: (entry: object) => void,
  ) {
    const { region } = settings;
    this.world = worldOf(settings, log);
    const sqs = awsClient(QueueClient, { region });
    this.worker = new QueueWorker(sqs, settings.queues, log, (queue, held) => this.work(queue, held));
  }

  handle(event: QueueEvent): Promise<Failures> {
    return this.worker.handle(event);
  }

  private async work({ name }: WorkedQueue, { tries, sentAt = Date.now() }: Held): Promise<Fate> {
    const { specs, deliveries } = this.settings;
    const fate = await deliver(name, { specs, deliveries }, { sentAt }, this.world);
    this.log({ event: fate.kind, delivery: name, tries, ...fate });
    return fate.kind === "delivered" ? { kind: "done" } : fate;
  }
}

function worldOf(settings: DeliverySettings, log: (entry: object) => void): DeliveryWorld {
  const { region, specs } = settings;
  const store = new AppConfigStore(appConfigClient(region), settings.store);
  const secrets = awsClient(SecretsManagerClient, { region });
  const kept = new KeptLog(region, settings.keptGroup);
  return {
    live: () => readLive(store, specs),
    secret: (name) => secretText(secrets, name),
    ask: (request) => askOutside(request, ANSWER_BYTES),
    aws: new AwsPlatforms(region),
    origin: (live) => originIn(store, specs, live),
    failures: new Map(),
    memory: (delivery) => memoryOf(kept, delivery, Date.now),
    delivered: (delivery) => deliveredIn(kept, delivery),
    keepDelivered: (delivery, deployment) => keepDelivered(kept, delivery, deployment),
    pause: (ms) => sleep(ms),
    log,
    now: Date.now,
  };
}
