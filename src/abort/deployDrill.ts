import { drillDocument, drillTokenOf, parseDocument } from "../flags/document";
import { type Flags, sameFlags } from "../flags/flags";
import type { Note } from "../flags/ledger";
import type { AbortStore } from "../flags/store";
import type { Alarm } from "./alarm";
import type { AbortConfig } from "./switchConfig";

/** What a drill found and did. */
export type DrillOutcome =
  | {
      readonly kind: "deployed";
      readonly deployment: number;
      readonly token: string;
      /** As they were before, and are. */
      readonly flags: Flags;
      readonly ms: number;
    }
  /** An earlier delivery of the same message deployed it. */
  | { readonly kind: "repeated"; readonly deployment: number; readonly token: string; readonly flags: Flags }
  | { readonly kind: "refused"; readonly why: string }
  | { readonly kind: "failed"; readonly why: string };

/** A message that was held up for so long is no drill any more: whoever asked for it has given up. */
const STALE_MS = 5 * 60_000;

/**
 * Deploys the flags as they are, with a token in their document that servers show. Bound to the deployment that it
 * was read from, and tried once: whatever else goes on with the flags goes first, and the drill is refused.
 *
 * @param digest of the code by which a person says that they saw its page
 */
export async function deployDrill(
  store: Pick<AbortStore, "read" | "deploy">,
  { rollout, stage, attempt, specs }: Pick<AbortConfig, "rollout" | "stage" | "attempt" | "specs">,
  alarm: Pick<Alarm, "at" | "reason">,
  now: number,
  digest: string,
): Promise<DrillOutcome> {
  const started = performance.now();
  const refuse = (why: string): DrillOutcome => ({ kind: "refused", why });
  // By the time, so that a message that is delivered again finds its own deployment.
  const token = alarm.at;
  const { live, underWay, newest } = await store.read();
  const own = [underWay, live].find(
    (one) => one?.document !== undefined && drillTokenOf(one.document) === token,
  );
  const found = own ?? live;
  if (!found) return refuse("no flags are live");
  if (found.document === undefined) return refuse("AppConfig no longer has the live document");
  const before = parseDocument(specs, found.document);
  if (!before.ok) return refuse(`the live document cannot be used (${before.problem}): run cutover abort`);
  const { flags } = before;
  if (own) return { kind: "repeated", deployment: own.deployment, token, flags };
  if (now - Date.parse(alarm.at) > STALE_MS) return refuse(`its alarm is of ${alarm.at}, too long ago`);
  if (underWay) return refuse(`deployment ${underWay.deployment} is under way`);
  if (before.undeclared.length > 0)
    return refuse(
      `the live document holds what this switch does not know (${before.undeclared.join(", ")}): bring ${stage} up again`,
    );
  const document = drillDocument(found.document, token);
  const after = parseDocument(specs, document);
  if (!after.ok || after.undeclared.length > 0 || !sameFlags(specs, flags, after.flags))
    return refuse("it would change a flag");
  const breachAt = breachOf(alarm);
  const note: Note = { cutover: 1, rollout, kind: "drill", stage, attempt, token, breachAt, digest };
  const result = await store.deploy(document, note, newest);
  switch (result.kind) {
    case "started":
      return {
        kind: "deployed",
        deployment: result.deployment,
        token,
        flags,
        ms: Math.round(performance.now() - started),
      };
    case "conflict":
      return refuse("another deployment came first");
    case "invalid":
      return refuse(`AppConfig does not take the document (${result.problem})`);
    case "full":
      return refuse(
        "AppConfig keeps no more versions of the document: raise its quota of hosted configuration versions, under Service Quotas",
      );
  }
}

/** A data point's value may be this old when its alarm fires; clocks may differ by the other. */
const LONGEST_DETECTION_MS = 15 * 60_000;
const CLOCK_SKEW_MS = 5_000;

/**
 * When the drill began. Its data point's value is that very moment, which CloudWatch quotes in the reason for the
 * alarm; absent where no number in it can be one.
 */
export function breachOf({ at, reason }: Pick<Alarm, "at" | "reason">): string | undefined {
  const alarmed = Date.parse(at);
  const moment = [...reason.matchAll(/\d+(?:\.\d+)?(?:[eE]\+?\d+)?/g)]
    .map(([text]) => Number(text))
    .find((ms) => ms >= alarmed - LONGEST_DETECTION_MS && ms <= alarmed + CLOCK_SKEW_MS);
  return moment === undefined ? undefined : new Date(moment).toISOString();
}
