import type { Alarm } from "../../../src/abort/alarm";
import { drillPage } from "../../../src/abort/drillPage";
import { finishedPage } from "../../../src/abort/finishedPage";
import { incident } from "../../../src/abort/incident";
import { type Done, incidentNotice, page } from "../../../src/abort/pages";
import { seenMessage } from "../../../src/abort/seenPage";
import type { Published } from "../../../src/aws/publish";
import { publishInput } from "../../../src/aws/publish";
import type { Notification } from "../../../src/channels/notification";
import { readNotification } from "../../../src/channels/read";
import { codeDigest } from "../../../src/flags/acknowledged";
import { announcement, report } from "../../../src/messages/texts";

/** As AWS knows whoever is on call. */
const ALICE = "arn:aws:sts::123456789012:assumed-role/OnCall/alice";
const TOPIC = "arn:aws:sns:eu-central-1:123456789012:ops-view-on-call";
/** What a page carries, by which somebody says that they saw it. */
export const CODE = "K7QM2-XWD9F";
export const NOW = Date.parse("2026-11-21T03:00:10.000Z");
export const AT = "2026-11-21T03:00:00.000Z";
const CONFIG = {
  rollout: "ops-view",
  region: "eu-central-1",
  stage: "stageA",
  attempt: 2,
  specs: {
    READ: {
      kind: "boolean",
      title: "Lists are read from the database",
      off: false,
      requires: [],
      writes: false,
    },
  },
} as const satisfies Parameters<typeof page>[0];

const ALARM: Alarm = {
  name: "ops-view-stageA-XA1",
  row: "XA1",
  title: "Requests answer with a server error",
  action: "rollback",
  limit: "Sum of Errors > 0 over 10s",
  runbook: "See https://runbooks.example.com/ops-view#xa1, §3.1",
  state: "ALARM",
  reason: "Threshold Crossed: 1 datapoint [3.0] was greater than the threshold (0.0).",
  at: AT,
};

const OUTCOME = {
  before: { READ: true },
  after: { READ: false },
  attempt: 2,
  deployment: 41,
  recorded: 41,
  stopped: [],
  ms: 311,
} as unknown as Extract<Done, { kind: "lowered" }>["outcome"];
const LOWERED: Done = { kind: "lowered", outcome: OUTCOME, followers: [] };

/** As SNS puts what was published into a queue. */
export function enveloped(message: Published, id = "m-1"): string {
  const { Subject, Message, MessageAttributes = {} } = publishInput(TOPIC, message);
  const attributes = Object.entries(MessageAttributes).map(
    ([name, { DataType: Type, StringValue: Value }]) => [name, { Type, Value }],
  );
  return JSON.stringify({
    ...{ Type: "Notification", MessageId: id, TopicArn: TOPIC, Subject, Message },
    ...{ Timestamp: "2026-11-21T03:00:01.000Z", MessageAttributes: Object.fromEntries(attributes) },
  });
}

/** As CloudWatch tells of an alarm, through a topic. */
export function alarmed(state: "ALARM" | "OK" | "INSUFFICIENT_DATA", at = AT, name = ALARM.name): string {
  const alarm = {
    AlarmName: name,
    AlarmDescription: `ops-view stageA XA1: ${ALARM.title}. ${ALARM.runbook}.`,
    AWSAccountId: "123456789012",
    NewStateValue: state,
    NewStateReason: ALARM.reason,
    // As CloudWatch writes a time.
    StateChangeTime: at.replace("Z", "+0000"),
    Region: "EU (Frankfurt)",
    OldStateValue: "OK",
  };
  return JSON.stringify({
    ...{ Type: "Notification", MessageId: `m-${state}-${at}`, TopicArn: TOPIC },
    ...{ Subject: `${state}: "${name}"`, Message: JSON.stringify(alarm), Timestamp: at },
  });
}

export function read(body: string): Notification {
  const found = readNotification(body, "ops-view", NOW);
  if (found.kind !== "message") throw new Error(`it was read as ${found.kind}`);
  return found.message;
}

const C1 = {
  ...{ rollout: "ops-view", region: "eu-central-1", stage: "stageA", attempt: 2, row: "C1" },
  release: { version: "v2.54.1", date: "2026-02-17" },
  message: { title: "Enabling reads of v2.54.1 – no user-facing changes", to: ["ops" as const] },
} as unknown as Parameters<typeof announcement>[0];

/** Every message that people get, as the code that publishes it writes it. */
export const PUBLISHED: Readonly<Record<string, Published>> = {
  "rolled back": page(CONFIG, ALARM, LOWERED, CODE),
  "down already": page(CONFIG, ALARM, {
    kind: "nothing",
    outcome: { ...OUTCOME, deployment: undefined, why: "the flags are down" } as typeof OUTCOME,
  }),
  "flags stay up": page(CONFIG, ALARM, {
    kind: "nothing",
    outcome: { ...OUTCOME, kept: "READ stays on: users saw it" } as typeof OUTCOME,
  }),
  "page only": page(CONFIG, ALARM, { kind: "page-only" }, CODE),
  "rollback failed": page(
    CONFIG,
    ALARM,
    { kind: "failed", reason: "AccessDenied on <appconfig:StartDeployment> & more" },
    CODE,
  ),
  finished: finishedPage(
    CONFIG,
    ALARM,
    { deployment: 44, at: AT, reason: "all is well" } as unknown as Parameters<typeof finishedPage>[2],
    CODE,
  ),
  incident: incident(CONFIG, ALARM, LOWERED),
  C5: incidentNotice(CONFIG, ALARM, OUTCOME, {
    measured: undefined,
    promised: undefined,
    followers: [],
  } as never),
  drill: drillPage(
    CONFIG,
    { ...ALARM, row: "drill" },
    {
      ...{ kind: "deployed", deployment: 42, flags: { READ: true }, ms: 200 },
    } as never,
    CODE,
  ),
  seen: seenMessage({ ...CONFIG, row: "XA1", fired: AT, digest: "d1" }, ALICE, NOW),
  "drill seen": seenMessage({ ...CONFIG, digest: codeDigest(CONFIG, CODE) }, ALICE, NOW),
  C1: announcement(C1, { from: { READ: false }, to: { READ: true } }, NOW),
  C2: report(
    C1,
    { since: AT, forMs: 86_400_000, flags: { READ: true } },
    {
      soak: {
        verdicts: [
          {
            ...{ gate: "E1", outcome: "fail", title: "No <errors> & no slowness", observed: "3 errors" },
            ...{ required: "0", remedy: "cutover check -s stageA" },
          },
        ],
        others: ["E9"],
      } as never,
    },
  ),
  "somebody else's": { subject: "disk is full", text: "host-1\n\n/var is at 100 %" },
};
