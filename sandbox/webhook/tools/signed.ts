import { createHmac, timingSafeEqual } from "node:crypto";
import { parsed } from "../../host/http";
import type { Tool } from "./tool";

/** The key that the stand-in expects requests to be signed with. */
export const SIGNING_KEY = "the-signing-key-of-the-sandbox";
/** An older signature is of a request that somebody kept. Seconds. */
const TOLERANCE = 300;

/** A receiver of signed requests, which verifies them as docs/how-to/notifications.md tells receivers to. */
export const signed: Tool = ({ method, headers, body }) => {
  if (method !== "POST") return { status: 405, body: "" };
  const [, t = "", v1 = ""] = /^t=(\d+),v1=([0-9a-f]{64})$/.exec(String(headers["cutover-signature"])) ?? [];
  const expected = createHmac("sha256", SIGNING_KEY).update(`${t}.${body}`).digest();
  const given = Buffer.from(v1, "hex");
  const genuine = given.length === expected.length && timingSafeEqual(given, expected);
  if (!genuine || Math.abs(Date.now() / 1_000 - Number(t)) > TOLERANCE) return { status: 401, body: "" };
  const message = parsed(body) as { headline: string; action: string; key?: string };
  return { status: 204, body: "", taken: { ...message, message } };
};
