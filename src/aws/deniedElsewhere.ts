import {
  actionOf,
  type Denied,
  type DeniedTold,
  deniedIn,
  isDenial,
  type PrintedRole,
  tellDenied,
} from "./denied";

/** A call that somebody else than this process made: an AWS provider, or the `pulumi` of this shell. */
export interface DeniedElsewhere extends Denied {
  /** It reads or writes the stacks' state, or decrypts the secrets in it. */
  readonly state?: "bucket" | "key" | undefined;
}

/**
 * How the AWS SDK for Go begins an error of a call, with the service and its operation; in it, how the service answered.
 * Source: aws-sdk-go-v2, `smithy.OperationError` and `smithy.GenericAPIError`. Of its first version only the answer is
 * there, behind what was done.
 */
const OPERATION = /operation error ([A-Z][A-Za-z0-9 ]*?): ([A-Z]\w+)/;
const ANSWER =
  /(?<![A-Za-z])((?:[A-Z][A-Za-z]*)?(?:AccessDenied|Unauthorized|AuthorizationError|Forbidden)\w*): ?([^\n]*)/g;

/** It says to AWS alone what it is about: nobody here can read it, and it fills a page. */
const ENCODED = /\s*Encoded authorization failure message: \S+/g;

/** S3 names what was asked for as HTTP does; IAM's actions have other names. Source: Service Authorization Reference, S3. */
const S3_ACTIONS: Readonly<Record<string, string>> = {
  CopyObject: "s3:PutObject",
  DeleteObjects: "s3:DeleteObject",
  HeadBucket: "s3:ListBucket",
  HeadObject: "s3:GetObject",
  ListObjects: "s3:ListBucket",
  ListObjectsV2: "s3:ListBucket",
};

/**
 * What AWS did not allow, by the words of an engine, a provider or `pulumi`: each once, in their order; empty where they
 * are about something else. Request ids, host ids and encoded messages are left out. Pure.
 */
export function deniedInWords(words: string): DeniedElsewhere[] {
  const found = words.split(/(?=operation error [A-Z])/).flatMap((part): DeniedElsewhere[] => {
    const [, service = "", operation = ""] = OPERATION.exec(part) ?? [];
    const called = { clientName: service.replaceAll(" ", ""), commandName: operation };
    const said = deniedIn(part.replaceAll(ENCODED, ""), called);
    const denied = said ?? answered(part, called);
    if (!denied) return [];
    const action = service === "S3" ? (S3_ACTIONS[operation] ?? denied.action) : denied.action;
    const state = service === "S3" ? "bucket" : service === "KMS" ? "key" : undefined;
    return [{ ...denied, action, ...(state === undefined ? {} : { state }) }];
  });
  return [...new Map(found.map((one) => [JSON.stringify(one), one])).values()];
}

/** A refusal without the sentence that says who and what: the call itself says what it was. */
function answered(part: string, called: Parameters<typeof actionOf>[0]): Denied | undefined {
  for (const [, code = "", message = ""] of part.matchAll(ANSWER)) {
    if (!isDenial(code.split(".").at(-1) ?? "") && !(code === "Forbidden" && called.clientName === "S3"))
      continue;
    const because = message.replaceAll(ENCODED, "").trim();
    return { action: actionOf(called), because: because === "" ? code : because };
  }
  return undefined;
}

/** The same sentence as of our own calls. What a policy has of the state depends on what the command is told of it. */
export function tellDeniedElsewhere(denied: DeniedElsewhere, as: PrintedRole | undefined): DeniedTold {
  const told = tellDenied(denied, as);
  const { state, resource } = denied;
  if (state === undefined || as === undefined || !told.remedy.startsWith("Give it")) return told;
  const value =
    state === "bucket"
      ? /^arn:[^:]+:s3:::([^/]+)/.exec(resource ?? "")?.[1]
      : /^arn:.+:key\/\S+$/.exec(resource ?? "")?.[0];
  return {
    ...told,
    remedy: `${told.remedy} with ${[`--state-${state}`, ...(value ? [value] : [])].join(" ")}`,
  };
}
