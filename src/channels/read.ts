import { z } from "zod";
import { type AwsPlace, placeIn } from "../aws/arn";
import type { Published } from "../aws/publish";
import { digestOf } from "../text/digest";
import { jsonIn } from "../text/json";
import { linksOf } from "./links";
import { isKind, type Kind, type Notification } from "./notification";
import { readPlain } from "./plain";

/** As SNS puts a message into a queue. Source: SNS developer guide, "Fanout to Amazon SQS queues". */
const envelope = z.object({
  Type: z.literal("Notification"),
  MessageId: z.string().min(1),
  TopicArn: z.string().regex(/^arn:[^:]+:sns:[^:]+:[^:]*:[^:]+$/),
  Subject: z.string().nullish(),
  Message: z.string(),
  Timestamp: z.string().nullish(),
  MessageAttributes: z.record(z.string(), z.object({ Value: z.string() })).nullish(),
});

/** As CloudWatch tells of an alarm. */
const alarmState = z.object({
  AlarmName: z.string().min(1),
  AlarmDescription: z.string().nullish(),
  NewStateValue: z.enum(["ALARM", "OK", "INSUFFICIENT_DATA"]),
  NewStateReason: z.string(),
  StateChangeTime: z.string().refine((text) => !Number.isNaN(Date.parse(text))),
});

/** A message as a topic puts it into the queue of a channel, for one that no other subscription of the topic is to get. */
export function envelopeOf(
  TopicArn: string,
  { subject: Subject, text: Message, attributes = {} }: Published,
  { id: MessageId, now }: { readonly id: string; readonly now: number },
): string {
  const read: z.infer<typeof envelope> = {
    ...{ Type: "Notification", MessageId, TopicArn, Subject, Message },
    Timestamp: new Date(now).toISOString(),
    MessageAttributes: Object.fromEntries(
      Object.entries(attributes).map(([name, value]) => [name, { Type: "String", Value: String(value) }]),
    ),
  };
  return JSON.stringify(read);
}

/** What a queue held. */
export type Read =
  | { readonly kind: "message"; readonly message: Notification }
  /** An alarm without data for now: neither rings nor is over. */
  | { readonly kind: "silent" }
  | { readonly kind: "unreadable"; readonly why: string };

/**
 * Reads what a topic put into a channel's queue: an alarm of CloudWatch, a message of this rollout, or whatever else
 * somebody published. All of it is shown to people: only what did not come from a topic is refused.
 *
 * @param now for a message without a time, ms since the epoch
 */
export function readNotification(body: string, rollout: string, now: number): Read {
  const parsed = envelope.safeParse(jsonIn(body));
  if (!parsed.success) return { kind: "unreadable", why: "it did not come from a topic" };
  const { TopicArn, Message, Timestamp } = parsed.data;
  const place = { ...placeIn(TopicArn), rollout };
  const state = alarmState.safeParse(jsonIn(Message));
  const sent = isoOf(Timestamp ?? undefined) ?? new Date(now).toISOString();
  if (state.success) return ofAlarm(state.data, sent, place);
  return { kind: "message", message: ofText(parsed.data, sent, place) };
}

type Place = AwsPlace & { readonly rollout: string };

function ofAlarm(state: z.infer<typeof alarmState>, sent: string, place: Place): Read {
  const { AlarmName: name, NewStateValue, NewStateReason, StateChangeTime } = state;
  if (NewStateValue === "INSUFFICIENT_DATA") return { kind: "silent" };
  const title = state.AlarmDescription?.trim() || name;
  const at = new Date(StateChangeTime).toISOString();
  const { region, rollout } = place;
  const message: Notification = {
    kind: NewStateValue === "ALARM" ? "alarm" : "resolved",
    id: digest(name, NewStateValue, at),
    headline: `${NewStateValue}: ${title}`,
    title,
    fields: [
      { label: "Observed", value: NewStateReason },
      { label: "Since", value: at },
      { label: "Alarm", value: name },
    ],
    lines: [],
    alarm: alarmKey(place, name),
    at,
    sent,
    rollout,
    region,
    links: linksOf({ ...place, alarm: name, text: title }),
  };
  return { kind: "message", message };
}

function ofText(
  { Subject, Message: text, MessageId: id, MessageAttributes }: z.infer<typeof envelope>,
  sent: string,
  place: Place,
): Notification {
  const subject = Subject ?? "";
  const attributes: Readonly<Record<string, string>> = Object.fromEntries(
    Object.entries(MessageAttributes ?? {}).map(([name, { Value }]) => [name, Value]),
  );
  const kind: Kind = isKind(attributes.kind) ? attributes.kind : "note";
  const { stage, row, alarm, page } = attributes;
  const fired = attributes.fired?.split(" ").flatMap((one) => isoOf(one) ?? []);
  const plain = readPlain(text);
  const at = isoOf(attributes.at) ?? sent;
  const own = kind === "note" ? digest(id) : digest(kind, subject, text);
  return {
    ...plain,
    kind,
    // Delivered again, an alarm's answer has other figures in it; it is the same answer.
    id: alarm === undefined ? own : digest(kind, alarm, at),
    headline: warned(headlineOf(subject, plain.title), plain.lines),
    alarm: alarm === undefined ? undefined : alarmKey(place, alarm),
    page,
    ...(fired === undefined ? {} : { fired }),
    at,
    sent,
    rollout: attributes.rollout ?? place.rollout,
    stage,
    row,
    region: place.region,
    links: linksOf({ ...place, alarm, text }),
  };
}

/** The subject is cut, and has ASCII alone; the title tells the rest of it. */
function headlineOf(subject: string, title: string): string {
  if (subject === "") return title;
  const at = subject.indexOf(": ");
  const about = subject.slice(at + 2);
  if (at > 0 && title.startsWith(about)) return `${subject.slice(0, at)}: ${title}`;
  return at > 0 && title.startsWith(subject.slice(0, at + 1)) ? title : subject;
}

/** What a message warns of stands in front of its lines, and is never only there. */
function warned(headline: string, [first = ""]: readonly string[]): string {
  return first.startsWith("! ") ? `${headline} (${first.slice(2)})` : headline;
}

/** One of an account and region: two of the same name may page the same service. */
function alarmKey({ account, region }: Place, name: string): string {
  return `${account}/${region}/${name}`;
}

function digest(...parts: readonly string[]): string {
  return digestOf(JSON.stringify(parts), 32);
}

function isoOf(text: string | undefined): string | undefined {
  const ms = Date.parse(text ?? "");
  return Number.isNaN(ms) ? undefined : new Date(ms).toISOString();
}
