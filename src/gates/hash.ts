import { createHash } from "node:crypto";
import stringify from "safe-stable-stringify";
import type { Gate } from "./gate";

/** Hash of all that a gate's verdict depends on, the order of keys aside. 16 hex digits of SHA-256. */
export function gateHash(gate: Gate): string {
  return createHash("sha256")
    .update(stringify(gate) as string)
    .digest("hex")
    .slice(0, 16);
}
