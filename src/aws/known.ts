import { reasonOf, UserError } from "../text/problem";
import { within } from "../text/within";
import { deniedTold } from "./denied";
import { awsFailure } from "./failure";

/** Something that was read, or why it is not known. */
export type Known<T> =
  | { readonly ok: true; readonly value: T }
  /** `why` completes "alarms: unknown, …". */
  | { readonly ok: false; readonly why: string; readonly remedy: string };

/** A part that does not answer within this time is unknown: a status that hangs tells nothing at all. */
export const PATIENCE_MS = 10_000;

/** Reads one part of the status. Never throws, and never takes longer than `patience` ms. */
export async function known<T>(read: () => Promise<T>, patience = PATIENCE_MS): Promise<Known<T>> {
  const late = unknown(`no answer within ${patience / 1_000} s`, "Check the network and the endpoint");
  try {
    return await within(
      patience,
      read().then((value): Known<T> => ({ ok: true, value })),
      late,
    );
  } catch (error) {
    return failure(error);
  }
}

type Unknown = Extract<Known<never>, { ok: false }>;

const unknown = (why: string, remedy: string): Unknown => ({ ok: false, why, remedy });

/** What AWS does not allow, and which command prints the policy that would. */
function deniedAs(error: unknown, words: string): Unknown {
  const told = deniedTold(error);
  return told
    ? unknown(`access denied: ${told.what}`, told.remedy)
    : unknown(`access denied (${words})`, "Give these credentials the right to read it");
}

/** What an error means for whoever reads the status: why a part is not known, and what to do. */
export function failure(error: unknown): Unknown {
  if (error instanceof UserError && error.cause !== undefined) return failure(error.cause);
  if (error instanceof UserError && error.problems.length > 0) {
    const [headline = ""] = error.message.split("\n");
    const why = [headline, ...error.problems.map(({ where, what }) => `${where} ${what}`)].join(" ");
    return unknown(why.replaceAll(/\s+/g, " "), error.problems.map(({ remedy }) => remedy).join(". "));
  }
  const trouble = awsTrouble(error);
  if (trouble) return trouble;
  const words = reasonOf(error);
  return awsFailure(error).failure === "refused"
    ? deniedAs(error, words)
    : unknown(words, "Run it again; CUTOVER_DEBUG=1 shows where it comes from");
}

/** What keeps every call from AWS, whatever it asks for: credentials, the network, its own limits; else undefined. */
function awsTrouble(error: unknown): Unknown | undefined {
  const { name = "" } = error as { name?: string };
  if (/CredentialsProvider/.test(name)) {
    const profile = process.env.AWS_PROFILE;
    return profile
      ? unknown(
          `no AWS credentials: the profile ${profile} (AWS_PROFILE) is not there, or gives none`,
          "Log in by it, or correct or unset AWS_PROFILE",
        )
      : unknown(
          "no AWS credentials",
          "Log in, or set AWS_PROFILE, or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY",
        );
  }
  const words = reasonOf(error);
  switch (awsFailure(error).failure) {
    case "refused":
      return /Expired|InvalidClientToken|UnrecognizedClient|SignatureDoesNotMatch/.test(name)
        ? unknown(`AWS does not take the credentials (${words})`, "Log in again")
        : undefined;
    case "unreachable":
      return unknown(
        `AWS cannot be reached (${words})`,
        process.env.AWS_ENDPOINT_URL
          ? `Start what AWS_ENDPOINT_URL points to (${process.env.AWS_ENDPOINT_URL}), or unset it`
          : "Check the network and the region",
      );
    case "throttled":
      return unknown("AWS throttles", "Wait a minute, then run it again");
    case "timeout":
      return unknown("AWS does not answer in time", "Check the network and the endpoint");
    default:
      return undefined;
  }
}

/**
 * An unexpected error as a command ends with it: what keeps it from AWS with what to do about that, or the error's own
 * words, to which `otherwise` is added.
 */
export function endingOf(error: unknown, otherwise = ""): string {
  // Not every refused connection is one to AWS: its client leaves a mark on those that are.
  const { name = "", $metadata } = (error ?? {}) as { name?: string; $metadata?: unknown };
  const ours = $metadata !== undefined || /CredentialsProvider/.test(name);
  const trouble = ours ? awsTrouble(error) : undefined;
  return trouble ? `${trouble.why}. ${trouble.remedy}` : `${reasonOf(error)}${otherwise}`;
}
