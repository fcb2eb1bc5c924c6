import { createHash } from "node:crypto";

/** SHA-256 of a text or a file, in hexadecimal digits. */
export function sha256(of: string | Uint8Array): string {
  return createHash("sha256").update(of).digest("hex");
}

/** By what a text is told from others, and not read: so many hexadecimal digits of its SHA-256. */
export function digestOf(text: string, digits: number): string {
  return sha256(text).slice(0, digits);
}
