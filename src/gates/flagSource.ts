import type { ServersConfig } from "../flags/servers";
import { ask } from "./jmespath";
import { at } from "./service";

/** What a server answered where it tells its flags, or why there is no answer. The JSON is absent where it is none. */
export type Told = { readonly status: number; readonly json?: unknown } | { readonly error: string };

export const NO_JSON = "answers what is not valid JSON";

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

/** AppConfig, however it is spelled: `appconfig`, `AWS AppConfig`, `aws-appconfig`. */
const APPCONFIG = /^(?:aws|amazon)?appconfig$/;

/**
 * What a server's answer says of where its flags come from (pure). What does not say counts for nothing: whoever still
 * fetches would be left with a store that is gone. A report that is gone altogether (404, 410) is an answer: it stood
 * there through every promotion.
 *
 * @param flags the rollout's flags, by name
 */
export function sourceSaid(
  server: string,
  told: Told,
  { source, at: where, path }: Pick<ServersConfig, "source" | "at" | "path">,
  flags: readonly string[],
): SourceSaid {
  const unknown = (says: string): SourceSaid => ({ server, kind: "unknown", says });
  const done = (says: string): SourceSaid => ({ server, kind: "done", says });
  if ("error" in told) return unknown(`could not be asked: ${told.error}`);
  const { status, json } = told;
  if (status === 404 || status === 410) return done(`answers ${status} at ${path}: its report is gone`);
  if (status < 200 || status > 299) return unknown(`answered ${status}`);
  if (json === undefined) return unknown(NO_JSON);
  if (source === undefined) {
    const found = at(json, where);
    const left = flags.filter(
      (flag) => typeof found === "object" && found !== null && Object.hasOwn(found, flag),
    );
    return left.length === 0
      ? done(`reports none of the flags at ${where || "the top"} any more`)
      : unknown(`still reports ${left.join(", ")}, and does not say from where`);
  }
  const { value } = ask(source, json);
  if (typeof value !== "string" || value.trim() === "") return unknown(`does not say at ${source}`);
  const word = value.trim().slice(0, LONGEST);
  return APPCONFIG.test(word.toLowerCase().replaceAll(/[^a-z]/g, ""))
    ? { server, kind: "appconfig", says: `says ${JSON.stringify(word)}` }
    : done(`says ${JSON.stringify(word)}`);
}
