import type { Reminder } from "../../../src/abort/reminder";
import type { SwitchWorld } from "../../../src/abort/switch";
import type { AbortConfig } from "../../../src/abort/switchConfig";
import type { Converged } from "../../../src/aws/converged";
import type { Flags } from "../../../src/flags/flags";
import type { Note } from "../../../src/flags/ledger";
import { MemoryStore } from "./memory";

export const BOTH: Flags = { READ: true, WRITE: true };
export const READ: Flags = { READ: true, WRITE: false };
export const OFF: Flags = { READ: false, WRITE: false };
export const ACCOUNT = "123456789012";

export const config: AbortConfig = {
  rollout: "ops-view",
  stage: "stageB",
  attempt: 2,
  specs: {
    READ: { kind: "boolean", off: false, requires: [], writes: false },
    WRITE: { kind: "boolean", off: false, requires: ["READ"], writes: true, title: "Patches are written" },
  },
  floor: READ,
  store: { applicationId: "a", environmentId: "e", profileId: "p", strategyId: "s" },
  topicArn: `arn:aws:sns:eu-central-1:${ACCOUNT}:ops-view-stageB-abort`,
  alarms: {
    "ops-view-stageB-XB1": {
      row: "XB1",
      title: "Writes fail",
      action: "rollback",
      limit: "Write5xx: Sum over 10s > 0",
      runbook: "Turn WRITE off",
    },
    "ops-view-stageB-XB4": { row: "XB4", title: "No audit event", action: "page", limit: "MissingAudit > 0" },
  },
  topics: { onCall: "on-call", ops: "ops", stakeholders: "stakeholders" },
  restart: [{ cluster: "ops", service: "web" }],
};

export interface Sent {
  readonly topic: string;
  readonly subject: string;
  readonly text: string;
  readonly attributes?: Readonly<Record<string, string>> | undefined;
}

export class World implements SwitchWorld {
  readonly sent: Sent[] = [];
  readonly restarted: string[] = [];
  /** Deliveries that were called. */
  readonly called: string[] = [];
  readonly logged: object[] = [];
  readonly store: MemoryStore & { note(deployment: number): Promise<Note | undefined> };
  failing: {
    publish?: string;
    restart?: boolean;
    deliver?: boolean;
    schedule?: boolean;
    decisions?: boolean;
    keep?: "throws" | "hangs";
  } = {};

  constructor(...live: Flags[]) {
    const store = new MemoryStore();
    for (const flags of live) store.promote(flags);
    this.store = Object.assign(store, {
      note: async (deployment: number) => store.deployments[deployment - 1]?.note,
    });
  }
  readonly scheduled: { reminder: Reminder; at: number }[] = [];
  readonly kept = new Set<string>();
  async schedule(reminder: Reminder, at: number) {
    if (this.failing.schedule) throw new Error("throttled");
    this.scheduled.push({ reminder, at });
  }
  async decisions(row: string) {
    if (this.failing.decisions) throw new Error("AccessDenied");
    return new Set([...this.kept].filter((key) => key.startsWith(`${row}/`)));
  }
  async keep(key: string) {
    if (this.failing.keep === "throws") throw new Error("throttled");
    if (this.failing.keep === "hangs") await new Promise(() => undefined);
    this.kept.add(key);
  }
  async publish(topic: string, message: Omit<Sent, "topic">) {
    if (this.failing.publish === topic) throw new Error("refused");
    this.sent.push({ topic, ...message });
  }
  async follow({ restart, deliver }: Parameters<SwitchWorld["follow"]>[0]) {
    const restarts = restart.map(({ cluster, service }) => {
      const named = { how: "restart" as const, name: `${cluster}/${service}` };
      if (this.failing.restart) return { ...named, problem: "no such service" };
      this.restarted.push(service);
      return named;
    });
    const called = deliver.map((name) => {
      const named = { how: "delivery" as const, name };
      if (this.failing.deliver) return { ...named, problem: "no such queue" };
      this.called.push(name);
      return named;
    });
    return [...restarts, ...called];
  }
  log(entry: object) {
    this.logged.push(entry);
  }
  converged = async (): Promise<Converged | undefined> => undefined;
  now = () => Date.parse("2026-11-21T10:00:05Z");
  to = (topic: string) => this.sent.filter((one) => one.topic === topic);
}

export const message = (changes: object = {}) => ({
  AlarmName: "ops-view-stageB-XB1",
  AlarmArn: `arn:aws:cloudwatch:eu-central-1:${ACCOUNT}:alarm:ops-view-stageB-XB1`,
  AWSAccountId: ACCOUNT,
  NewStateValue: "ALARM",
  NewStateReason: "Threshold Crossed: 1 datapoint [3.0] was greater than the threshold (0.0).",
  StateChangeTime: "2026-11-21T10:00:00.000+0000",
  ...changes,
});
/** `MessageId`: as SNS gives one to each message, the same however often that is delivered. */
export const eventOf = (body: unknown, TopicArn = config.topicArn, MessageId?: string) => ({
  Records: [
    {
      EventSource: "aws:sns",
      Sns: {
        ...{ TopicArn, MessageId },
        Message: typeof body === "string" ? body : JSON.stringify(body),
      },
    },
  ],
});
