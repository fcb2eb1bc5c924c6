import { reasonOf } from "../text/problem";

/** Why nothing could be observed. The sources' own words go into `message`, secrets left out. */
export const FAILURE_KINDS = [
  "unreachable",
  "timeout",
  "refused",
  "filtered",
  "throttled",
  "no-data",
  "bad-answer",
  "unanswered",
] as const;

export type FailureKind = (typeof FAILURE_KINDS)[number];

/** An observation of nothing, with why. */
export interface Failure {
  readonly kind: "failure";
  readonly failure: FailureKind;
  readonly message: string;
}

export function failed(failure: FailureKind, message: string): Failure {
  return { kind: "failure", failure, message };
}

/** An error of an AWS call, after the SDK's own retries, as an observation. */
export function awsFailure(error: unknown): Failure {
  return failed(kindOf(error), reasonOf(error));
}

/**
 * What a call of AWS's answers, or what stands for it where AWS says that there is no such thing, or no more of it.
 *
 * @param name of the error that says so; any other one is thrown
 */
export function unlessNamed<T, U>(name: RegExp, instead: U, call: Promise<T>): Promise<T | U> {
  return call.catch((error: unknown) => {
    if (error instanceof Error && name.test(error.name)) return instead;
    throw error;
  });
}

function kindOf(error: unknown): FailureKind {
  const {
    name = "",
    code = "",
    $retryable,
  } = error as { name?: string; code?: string; $retryable?: { throttling?: boolean } };
  if ($retryable?.throttling || /Throttl|TooManyRequests|SlowDown|RequestLimit/.test(name))
    return "throttled";
  if (
    /AccessDenied|AuthorizationError|Unauthorized|UnrecognizedClient|InvalidClientToken|ExpiredToken|CredentialsProvider|SignatureDoesNotMatch/.test(
      name,
    )
  )
    return "refused";
  if (/Timeout/.test(name)) return "timeout";
  if (/^E[A-Z]+$/.test(code) || error instanceof AggregateError) return "unreachable";
  return "bad-answer";
}
