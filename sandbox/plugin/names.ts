import { createHash, randomBytes } from "node:crypto";
import { type Failure, type Inputs, specsOf } from "./spec";
import type { Props } from "./values";

/** What the engine says about naming this resource (`pulumi:autonaming` in a stack's config). */
export interface Naming {
  readonly resource: string;
  readonly seed: Uint8Array;
  readonly proposed?: string;
  readonly mode?: "propose" | "enforce" | "disable";
}

/** Inputs that the plugin filled in, and may therefore fill in anew. Named as the official plugins name it. */
export const DEFAULTS = "__defaults";

/**
 * Names what the program leaves unnamed: the resource's name and seven hex digits, as the official plugins
 * do, so that a replacement can stand beside what it replaces. The name then stays for the resource's life.
 */
export function autoname(
  schemas: Inputs,
  inputs: Props,
  olds: Props,
  naming: Naming,
  failures: Failure[],
): Props {
  const named: Props = { ...inputs };
  const defaults: string[] = [];
  for (const [name, { traits }] of Object.entries(specsOf(schemas))) {
    if (!traits.named || inputs[name] !== undefined) continue;
    const kept = Array.isArray(olds[DEFAULTS]) && olds[DEFAULTS].includes(name) ? olds[name] : undefined;
    if (kept === undefined && naming.mode === "disable") {
      failures.push({ property: name, reason: `'${name}' is required: automatic naming is disabled` });
      continue;
    }
    named[name] = kept ?? make(naming, traits.named, traits.around?.(inputs) ?? ["", ""]);
    defaults.push(name);
  }
  return defaults.length > 0 ? { ...named, [DEFAULTS]: defaults } : named;
}

function make(naming: Naming, longest: number, [prefix, suffix]: readonly [string, string]): string {
  if (naming.proposed) return prefix + naming.proposed + suffix;
  const room = longest - prefix.length - suffix.length - "-1234567".length;
  return `${prefix}${naming.resource.slice(0, room)}-${hex(naming.seed)}${suffix}`;
}

/** From the engine's seed where there is one, so that a preview names what the `up` after it will create. */
function hex(seed: Uint8Array): string {
  const digits =
    seed.length > 0 ? createHash("sha256").update(seed).digest("hex") : randomBytes(4).toString("hex");
  return digits.slice(0, 7);
}
