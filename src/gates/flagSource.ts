import type { ServersConfig } from "../flags/servers";
import { ask } from "./askJson";

/** What a server answered where it tells its flags, or why there is no answer. The JSON is absent where it is none. */
export type FlagAnswer = { readonly status: number; readonly json?: unknown } | { readonly error: string };

export const NO_JSON = "answers what is not valid JSON";
/** What is said of an answer that has no flags where they should stand, before the place. */
export const NO_FLAGS = "tells no flags at ";

/** What one server says of where its flags come from. */
export interface SourceSaid {
  /** Host and port. */
  readonly server: string;
  /** `done` only where it asks AWS AppConfig for nothing any more, as it says itself. */
  readonly kind: "appconfig" | "done" | "unknown";
  /** What it answered, in words, to follow on its name. */
  readonly says: string;
}

/** A longer word for a source tells nobody more. Characters. */
const LONGEST = 80;

/**
 * Whether a word speaks of AppConfig, however it is spelled and whatever stands around it: `AWS AppConfig`,
 * `app-config`, `AWS::AppConfig`, `AppConfig (eu-central-1)`, `cache of appconfig`.
 */
const isAppConfig = (word: string) =>
  word
    .toLowerCase()
    .replaceAll(/[^a-z0-9]/g, "")
    .includes("appconfig");

/**
 * What a server's answer says of where its flags come from (pure). What does not say counts for nothing: whoever still
 * fetches would be left with a store that is gone. Without `source` only 410 says anything: that the report is gone for
 * good. 404 does not: a proxy answers so for a server that it does not find.
 */
export function sourceSaid(
  server: string,
  told: FlagAnswer,
  { source, path }: Pick<ServersConfig, "source" | "path">,
): SourceSaid {
  const unknown = (says: string): SourceSaid => ({ server, kind: "unknown", says });
  const done = (says: string): SourceSaid => ({ server, kind: "done", says });
  if ("error" in told) return unknown(`could not be asked: ${told.error}`);
  const { status, json } = told;
  if (status === 410) return done(`answers 410 at ${path}: its report is gone`);
  if (source === undefined || status < 200 || status > 299)
    return unknown(`answers ${status} at ${path}, and does not say where its flags come from`);
  if (json === undefined) return unknown(NO_JSON);
  const { value } = ask(source, json);
  if (typeof value !== "string" || value.trim() === "") return unknown(`does not say at ${source}`);
  const says = `says ${JSON.stringify(value.trim().slice(0, LONGEST))}`;
  return isAppConfig(value) ? { server, kind: "appconfig", says } : done(says);
}
