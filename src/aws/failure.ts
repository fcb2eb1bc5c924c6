import type { FailureKind, Seen } from "../gates/observation";
import { reasonOf } from "../text/problem";

/** An error of an AWS call, after the SDK's own retries, as an observation. */
export function awsFailure(error: unknown): Seen {
  return { kind: "failure", failure: kindOf(error), message: reasonOf(error) };
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
    /AccessDenied|Unauthorized|UnrecognizedClient|InvalidClientToken|ExpiredToken|CredentialsProvider|SignatureDoesNotMatch/.test(
      name,
    )
  )
    return "refused";
  if (/Timeout/.test(name)) return "timeout";
  if (/^E[A-Z]+$/.test(code) || error instanceof AggregateError) return "unreachable";
  return "bad-answer";
}
