import stringify from "safe-stable-stringify";
import { digestOf } from "../text/digest";
import type { Gate } from "./gate";

/** Hash of all that a gate's verdict depends on, the order of keys aside. 16 hex digits of SHA-256. */
export function gateHash(gate: Gate): string {
  return digestOf(stringify(gate) as string, 16);
}
