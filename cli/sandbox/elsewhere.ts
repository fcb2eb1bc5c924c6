import { type Document, isMap } from "yaml";

/** Where something stands under `config:` of a stack file. */
export type ConfigPath = readonly [key: string, ...within: (string | number)[]];

/** By what a stack file's secrets are encrypted, which this machine may not have, and environments of Pulumi's cloud. */
const BESIDE_CONFIG = ["secretsprovider", "encryptedkey", "encryptionsalt", "environment"];

/** What a project file says of where state, stack files and plugins are. */
const OF_PROJECT = ["backend", "stackConfigDir", "plugins", "template"];

/** Takes away what would lead a copy of a project file elsewhere than to the sandbox. */
export function pointProject(document: Document): void {
  for (const key of OF_PROJECT) document.delete(key);
}

/** Namespaces of config that say whose account and which database is reached. */
const OF_PROVIDERS = /^(aws|postgresql):/;

const TENANT = ["config", "cutover:rollout", "database", "login", "tenant"];

/** Takes away what would lead a copy of a stack file elsewhere than to the sandbox. */
export function pointStack(document: Document): void {
  // An empty file holds nothing.
  if (!isMap(document.contents)) return;
  for (const key of BESIDE_CONFIG) document.delete(key);
  const config = document.get("config");
  if (!isMap(config)) return;
  for (const key of Object.keys(config.toJSON())) if (OF_PROVIDERS.test(key)) config.delete(key);
  // The sandbox's pooler has one server behind it, and takes what a shared one is told for a part of the role's name.
  if (document.hasIn(TENANT)) document.deleteIn(TENANT);
  for (const path of askedElsewhere(config.toJSON())) document.deleteIn(["config", ...path]);
}

/** Where gates name another service than the rollout's own, and how a token is sent to it: here one app answers them all. */
function askedElsewhere(config: object): ConfigPath[] {
  const { "cutover:stage": stage, "cutover:rollout": rollout } = config as Record<string, object | undefined>;
  const sections = Object.entries(stage ?? {}).filter(([key]) => /^(entry|smoke|exit)$/.test(key));
  return [
    ...sections.flatMap(([key, gates]) => requestsIn(gates, ["cutover:stage", key])),
    ...requestsIn((rollout as { gates?: unknown } | undefined)?.gates, ["cutover:rollout", "gates"]),
  ];
}

function requestsIn(value: unknown, path: ConfigPath): ConfigPath[] {
  if (typeof value !== "object" || value === null) return [];
  const own = "path" in value ? ["url", "authorization"].filter((key) => Object.hasOwn(value, key)) : [];
  const entries: [string | number, unknown][] = Array.isArray(value)
    ? [...value.entries()]
    : Object.entries(value);
  return [
    ...own.map((key): ConfigPath => [...path, key]),
    ...entries.flatMap(([key, inner]) => requestsIn(inner, [...path, key])),
  ];
}

/**
 * Takes away the secrets of a copy of a stack file, which nothing here can decrypt.
 *
 * @returns where they stood, for others to be set in their place
 */
export function takeSecrets(document: Document): ConfigPath[] {
  const config = (document.toJSON() as { config?: object | null } | null)?.config ?? {};
  const secrets = Object.entries(config).flatMap(([key, value]) => secretsIn(value, [key]));
  // The last first: what goes from a list moves those behind it.
  for (const path of [...secrets].reverse()) document.deleteIn(["config", ...path]);
  return secrets;
}

function secretsIn(value: unknown, path: ConfigPath): ConfigPath[] {
  if (typeof value !== "object" || value === null) return [];
  const entries: [string | number, unknown][] = Array.isArray(value)
    ? [...value.entries()]
    : Object.entries(value);
  const [only] = entries;
  if (entries.length === 1 && only?.[0] === "secure" && typeof only[1] === "string") return [path];
  return entries.flatMap(([key, inner]) => secretsIn(inner, [...path, key]));
}
