import * as z from "zod";
import { type Asked, parsed } from "../../host/http";
import type { Answered, Tool } from "./tool";

/** The integration key of the stand-in's only service. */
export const ROUTING_KEY = "a5a0d00ab0ca5a0d00ab0ca5a0d00ab0";
/** Source: PagerDuty developer docs, "Events API v2: size limits". */
const BYTES = 512 * 1024;

const key = z.string().length(32, "Length of 'routing_key' is incorrect (should be 32 characters)");
const links = z.array(z.strictObject({ href: z.url(), text: z.string().optional() })).optional();
const dedupKey = z.string().min(1).max(255, "Length of 'dedup_key' is incorrect (should be at most 255)");
const timestamp = z.iso.datetime({ offset: true }).optional();

/** Source: github.com/PagerDuty/api-schema, reference/events-v2/openapiv3.json. Unknown fields are refused here. */
const trigger = z.strictObject({
  routing_key: key,
  event_action: z.literal("trigger"),
  dedup_key: dedupKey.optional(),
  client: z.string().optional(),
  client_url: z.url().optional(),
  payload: z.strictObject({
    summary: z.string().min(1).max(1_024, "'payload.summary' is too long (maximum is 1024 characters)"),
    source: z.string().min(1),
    severity: z.enum(["critical", "error", "warning", "info"]),
    timestamp,
    component: z.string().optional(),
    group: z.string().optional(),
    class: z.string().optional(),
    custom_details: z.record(z.string(), z.unknown()).optional(),
  }),
  images: z.array(z.unknown()).optional(),
  links,
});
const later = z.strictObject({
  routing_key: key,
  event_action: z.enum(["acknowledge", "resolve"]),
  dedup_key: dedupKey,
  client: z.string().optional(),
  client_url: z.url().optional(),
});
const event = z.discriminatedUnion("event_action", [trigger, later]);

const change = z.strictObject({
  routing_key: key,
  payload: z.strictObject({
    summary: z.string().min(1).max(1_024),
    source: z.string().optional(),
    timestamp,
    custom_details: z.record(z.string(), z.unknown()).optional(),
  }),
  images: z.array(z.unknown()).optional(),
  links,
});

/** Its open incidents, by their keys. */
type Incidents = Map<string, "triggered" | "acknowledged">;

/** Answers as PagerDuty's Events API v2, for one service, which has no incident at first. */
export function pagerduty(): Tool {
  const incidents: Incidents = new Map();
  return (asked) => {
    if (asked.method !== "POST") return { status: 405, body: "" };
    if (Buffer.byteLength(asked.body) > BYTES) return { status: 413, body: "" };
    if (asked.path === "/v2/enqueue") return enqueue(asked, incidents);
    if (asked.path === "/v2/change/enqueue") return changed(asked);
    return { status: 404, body: "" };
  };
}

/**
 * Does what an event asks for. Returns whether it was to wake somebody, and wakes nobody.
 * Source: PagerDuty developer docs, "Events API v2: event action": a trigger with the key of an open incident is put into
 * its log alone; an acknowledgement, or an end, of none is left out.
 */
function happens(incidents: Incidents, action: "trigger" | "acknowledge" | "resolve", key: string) {
  const before = incidents.get(key);
  if (action === "trigger" && before === undefined) incidents.set(key, "triggered");
  if (action === "acknowledge" && before !== undefined) incidents.set(key, "acknowledged");
  if (action === "resolve") incidents.delete(key);
  return action === "trigger" && before === "acknowledged";
}

function enqueue({ body }: Asked, incidents: Incidents): Answered {
  const read = event.safeParse(parsed(body));
  if (!read.success) return invalid(read.error);
  const { routing_key, ...rest } = read.data;
  if (routing_key !== ROUTING_KEY) return refused(["Invalid routing key"]);
  const dedup_key = rest.dedup_key ?? "made-up-by-pagerduty";
  const headline = "payload" in rest ? rest.payload.summary : "";
  const wakesNobody = happens(incidents, rest.event_action, dedup_key);
  return {
    status: 202,
    body: JSON.stringify({ status: "success", message: "Event processed", dedup_key }),
    taken: {
      ...{ headline, action: rest.event_action, key: dedup_key, message: rest },
      ...(wakesNobody ? { wakesNobody: true as const } : {}),
    },
  };
}

function changed({ body }: Asked): Answered {
  const read = change.safeParse(parsed(body));
  if (!read.success) return invalid(read.error);
  const { routing_key, ...message } = read.data;
  if (routing_key !== ROUTING_KEY) return refused(["Invalid routing key"]);
  return {
    status: 202,
    body: JSON.stringify({ status: "success", message: "Change event processed" }),
    taken: { headline: message.payload.summary, action: "change", message },
  };
}

function invalid(error: z.ZodError): Answered {
  return refused(error.issues.map(({ path, message }) => `${path.join(".")}: ${message}`));
}

function refused(errors: readonly string[]): Answered {
  const answer = { status: "invalid event", message: "Event object is invalid", errors };
  return { status: 400, body: JSON.stringify(answer) };
}
