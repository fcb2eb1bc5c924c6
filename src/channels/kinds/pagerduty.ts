import { z } from "zod";
import { secretName } from "../../aws/secretName";
import { digestOf } from "../../text/digest";
import { target } from "../../text/target";
import { clipped } from "../../text/text";
import { type ChannelKind, judgeStatus, type Outgoing, posted, topics } from "../kind";
import { acknowledgedKeys, type Notification, pageKeyOf, traitsOf } from "../notification";

/** Source: PagerDuty's OpenAPI schema of its Events API v2 (github.com/PagerDuty/api-schema, reference/events-v2). */
const SUMMARY = 1_024;
const DEDUP_KEY = 255;
/** An event may have 512 KB; one field of ours is a sentence, and a report some pages. */
const FIELD = 4_000;
const LINES = 20_000;
const FIELDS = 40;

export const pagerduty = z
  .strictObject({
    kind: z.literal("pagerduty"),
    topics,
    secret: secretName("the integration key (routing key) of an Events API v2 integration"),
    url: target.default("https://events.pagerduty.com/v2/enqueue").meta({
      description: "PagerDuty's Events API v2. In the EU: https://events.eu.pagerduty.com/v2/enqueue.",
    }),
  })
  .meta({
    description:
      "PagerDuty, by its Events API v2: each alarm opens one incident, which its end resolves. Planned messages become change events, and page nobody.",
  });
export type PagerDutyConfig = z.infer<typeof pagerduty>;

export const pagerdutyKind: ChannelKind<PagerDutyConfig> = {
  title: "PagerDuty",
  tells: "pages whoever is on call there",
  secretProblem: (secret) =>
    /^[A-Za-z0-9]{32}$/.test(secret)
      ? undefined
      : "is no integration key of PagerDuty, which has 32 letters and digits",
  render(message, { config: { url }, secret: routing_key }) {
    const key = pageKeyOf(message);
    if (key === undefined) return [changeEvent(message, url, routing_key)];
    const dedup_key = fittingKey(key);
    const event = { routing_key, dedup_key, client: "Cutover" };
    const { page } = traitsOf(message.kind);
    if (page === "resolve") return [post(url, { ...event, event_action: "resolve" })];
    // PagerDuty leaves out those of which there is no open incident.
    if (page === "acknowledge")
      return acknowledgedKeys(message).map((one) =>
        post(url, { ...event, dedup_key: fittingKey(one), event_action: "acknowledge" }),
      );
    const payload = payloadOf(message);
    return [post(url, { ...event, event_action: "trigger", payload, links: message.links })];
  },
  // Whatever is not 202 was not taken in. Source: PagerDuty developer docs, "Events API v2: API response codes".
  judge: (answer) =>
    answer.status >= 200 && answer.status < 300 && answer.status !== 202
      ? { kind: "again" }
      : judgeStatus(answer),
};

function payloadOf(message: Notification) {
  const { kind, rollout, stage, row } = message;
  return {
    ...saidOf(message),
    severity: traitsOf(kind).severity,
    component: stage ?? rollout,
    group: rollout,
    class: row ?? kind,
  };
}

/** What an event says, be it of an incident or of a change. */
function saidOf(message: Notification) {
  const { headline, rollout, region, at } = message;
  return {
    summary: clipped(headline || rollout, SUMMARY),
    source: `${rollout} in ${region}`,
    timestamp: at,
    custom_details: detailsOf(message),
  };
}

function detailsOf({ title, fields, lines }: Notification): Record<string, string> {
  const text = clipped(lines.join("\n"), LINES);
  return {
    What: clipped(title, FIELD),
    ...Object.fromEntries(fields.slice(0, FIELDS).map(({ label, value }) => [label, clipped(value, FIELD)])),
    ...(text === "" ? {} : { Details: text }),
  };
}

/** What was planned: it stands on the service's timeline beside its incidents. */
function changeEvent(message: Notification, url: string, routing_key: string): Outgoing {
  const to = url.replace(/\/enqueue$/, "/change/enqueue");
  return post(to, { routing_key, payload: saidOf(message), links: message.links });
}

/** Keys that are too long keep their beginning, which people read, and are told apart by a hash. */
function fittingKey(key: string): string {
  if (key.length <= DEDUP_KEY) return key;
  return `${clipped(key, DEDUP_KEY - 17)}-${digestOf(key, 16)}`;
}

const post = (url: string, body: object): Outgoing => posted(url, JSON.stringify(body));
