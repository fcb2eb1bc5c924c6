import { createHmac, timingSafeEqual } from "node:crypto";
import { z } from "zod";
import { type Answered, type Asked, parsed } from "../host/http";
import { type Hosted, json } from "./platform";

/** The key that requests to the stand-in are signed with. */
export const ENDPOINT_KEY = "standin-delivery-key-0123456789";
/** An older signature is somebody's who kept it. */
const FRESH_S = 300;

const given = z.strictObject({ variables: z.record(z.string(), z.string()) });
const restart = z.strictObject({ restart: z.literal(true) });
/** Within what it knows of itself there is one start at a time. */
const START = "start";

/** Answers as an endpoint of a user's own, as docs/how-to/deliver-flags.md has it. */
export function endpoint(hosted: Hosted, asked: Asked): Answered {
  if (!isSigned(asked)) return json(401, { error: "the signature is not of this key, or too old" });
  const last = hosted.starts.at(-1);
  if (asked.method === "GET") {
    const state = last && hosted.stateOf(last.id);
    return json(200, {
      variables: Object.fromEntries(hosted.variables),
      servers: state === "starting" ? "starting" : state === "failed" ? "failed" : "running",
      ...(state === "failed" ? { why: "unhealthy" } : {}),
    });
  }
  const throttled = hosted.throttle();
  if (throttled) return throttled;
  const body = parsed(asked.body);
  if (asked.method === "PUT") {
    const read = given.safeParse(body);
    if (!read.success) return json(400, { error: z.prettifyError(read.error) });
    for (const [name, value] of Object.entries(read.data.variables)) hosted.set(name, value);
    return json(200, {});
  }
  if (asked.method !== "POST" || !restart.safeParse(body).success)
    return json(400, { error: "no such request" });
  hosted.start(`${START}-${hosted.starts.length}`);
  return json(202, {});
}

function isSigned({ method, headers, body }: Asked): boolean {
  const header = headers["cutover-signature"];
  const [, t, v1] = /^t=(\d+),v1=([0-9a-f]{64})$/.exec(typeof header === "string" ? header : "") ?? [];
  if (t === undefined || v1 === undefined || Math.abs(Date.now() / 1_000 - Number(t)) > FRESH_S) return false;
  const own = createHmac("sha256", ENDPOINT_KEY).update(`${t}.${method} ${body}`).digest();
  return timingSafeEqual(own, Buffer.from(v1, "hex"));
}
