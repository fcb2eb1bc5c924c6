import { createHmac } from "node:crypto";

/** `t=SECONDS,v1=HEX`: the time is signed along, so that nobody sends an old one again. */
export function signatureOf(body: string, secret: string, now: number): string {
  const t = Math.floor(now / 1_000);
  return `t=${t},v1=${createHmac("sha256", secret).update(`${t}.${body}`).digest("hex")}`;
}
