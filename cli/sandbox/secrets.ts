import { randomBytes } from "node:crypto";
import { PHASES } from "../../src/gates/common";
import { rolesOfSource } from "../../src/gates/elsewhere/source";
import { rolesOf } from "../../src/gates/gate";
import type { Rollout } from "../../src/rollout/rollout";
import type { ConfigPath } from "./elsewhere";

/** What the key of a role's bearer token begins with. */
const TOKEN = "cutover:token-";

/** The keys of every bearer token that requests of a rollout's gates are sent with. Which ones code sends is not known. */
export function tokenKeys({ stages, sources }: Pick<Rollout, "stages" | "sources">): string[] {
  const roles = stages
    .flatMap((stage) => PHASES.flatMap((phase) => Object.values(stage[phase])))
    .flatMap((definition) => {
      const sent = rolesOf(definition, sources);
      return sent === "any" ? [] : sent;
    });
  const ofRows = stages.flatMap(({ abort }) =>
    Object.values(abort).flatMap(({ elsewhere }) =>
      elsewhere ? rolesOfSource(sources?.[elsewhere.from]) : [],
    ),
  );
  return [...new Set([...roles, ...ofRows])].map((role) => `${TOKEN}${role}`);
}

/** The roles of the tokens among these secrets, with their tokens. */
export function tokensIn(secrets: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(secrets).flatMap(([key, value]) =>
      key.startsWith(TOKEN) ? [[key.slice(TOKEN.length), value]] : [],
    ),
  );
}

/** Secrets of a sandbox: those that are given, and for any other key one that is made up once. */
export class Secrets {
  readonly #values: Map<string, string>;

  constructor(given: Readonly<Record<string, string>>) {
    this.#values = new Map(Object.entries(given));
  }

  of(key: string): string {
    const value = this.#values.get(key) ?? randomBytes(18).toString("base64url");
    this.#values.set(key, value);
    return value;
  }

  /** Several of them, in the order of their keys. */
  pairs(keys: readonly string[]): (readonly [key: string, value: string])[] {
    return keys.map((key) => [key, this.of(key)] as const);
  }

  /** All of them by now, by key. */
  get all(): Record<string, string> {
    return Object.fromEntries(this.#values);
  }
}

/** How `pulumi config set --path` names a place in a stack's config. */
export function pulumiPath([key, ...within]: ConfigPath): string {
  return `${key}${within.map((step) => `[${typeof step === "number" ? step : JSON.stringify(step)}]`).join("")}`;
}
