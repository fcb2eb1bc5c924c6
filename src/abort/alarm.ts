import { z } from "zod";
import { placeIn } from "../aws/arn";
import { jsonIn } from "../text/json";
import type { AbortConfig, AbortRow } from "./switchConfig";

/** An alarm of this stage that changed its state. */
export interface Alarm extends AbortRow {
  readonly name: string;
  readonly state: "ALARM" | "OK" | "INSUFFICIENT_DATA";
  /** What CloudWatch saw, in its own words. */
  readonly reason: string;
  /** When it saw it, ISO 8601 in UTC. */
  readonly at: string;
  /** The id of its message in the stage's topic: the same however often that is delivered. */
  readonly messageId?: string | undefined;
}

export type ReadMessage =
  | { readonly ok: true; readonly alarm: Alarm }
  | { readonly ok: false; readonly refused: string };

/** As SNS hands a message to a function. Only what is gone by. */
const record = z.object({
  EventSource: z.literal("aws:sns"),
  Sns: z.object({
    TopicArn: z.string(),
    Message: z.string().max(256 * 1024),
    MessageId: z.string().min(1).optional(),
  }),
});

/** As CloudWatch tells of an alarm. It may add fields at any time; those that are gone by must be right. */
const message = z.object({
  AlarmName: z.string().min(1).max(255),
  AlarmArn: z.string().optional(),
  AWSAccountId: z.string().regex(/^\d{12}$/),
  NewStateValue: z.enum(["ALARM", "OK", "INSUFFICIENT_DATA"]),
  NewStateReason: z.string(),
  StateChangeTime: z.string().refine((text) => !Number.isNaN(Date.parse(text)), "no time"),
});

/** The records of an event; one that is no list of records is an error of whoever called. */
export function eventRecords(event: unknown): readonly unknown[] {
  const records = (event as { Records?: unknown } | null)?.Records;
  return Array.isArray(records) && records.length > 0 ? records : [event];
}

/**
 * Reads one record. Refuses what did not come through the stage's own topic, what is no alarm message, and alarms
 * that are not this stage's own: whoever may publish to a topic could otherwise bring any flag down.
 */
export function readMessage(
  raw: unknown,
  { topicArn, alarms }: Pick<AbortConfig, "topicArn" | "alarms">,
): ReadMessage {
  const refuse = (refused: string): ReadMessage => ({ ok: false, refused });
  const envelope = record.safeParse(raw);
  if (!envelope.success) return refuse("it is no SNS record");
  const { TopicArn, Message, MessageId } = envelope.data.Sns;
  if (TopicArn !== topicArn) return refuse(`it came through ${TopicArn}, not through ${topicArn}`);
  const body = jsonIn(Message);
  if (body === undefined) return refuse("its message is not JSON");
  const parsed = message.safeParse(body);
  if (!parsed.success) {
    const paths = parsed.error.issues.map((issue) => issue.path.join(".") || "the message").join(", ");
    return refuse(`it is no CloudWatch alarm message: wrong are ${paths}`);
  }
  const { AlarmName: name, AlarmArn, AWSAccountId, ...seen } = parsed.data;
  const { partition, region, account } = placeIn(topicArn);
  if (AWSAccountId !== account)
    return refuse(`its alarm is in the account ${AWSAccountId}, not in ${account}`);
  if (AlarmArn !== undefined && AlarmArn !== `arn:${partition}:cloudwatch:${region}:${account}:alarm:${name}`)
    return refuse(`its alarm is ${AlarmArn}, which is not in ${region}`);
  const row = Object.hasOwn(alarms, name) ? alarms[name] : undefined;
  if (!row) return refuse(`its alarm ${name} is none of this stage's: ${Object.keys(alarms).join(", ")}`);
  const at = new Date(seen.StateChangeTime).toISOString();
  const { NewStateValue: state, NewStateReason: reason } = seen;
  return { ok: true, alarm: { ...row, name, state, reason, at, messageId: MessageId } };
}
