import { createHash } from "node:crypto";

/** By what a text is told from others, and not read: so many hexadecimal digits of its SHA-256. */
export function digestOf(text: string, digits: number): string {
  return createHash("sha256").update(text).digest("hex").slice(0, digits);
}
