import { functionError } from "../aws/functionError";
import { reasonOf } from "../text/problem";

/** Where a call went wrong, and whom it was for. */
export interface Called {
  /** The function's name. */
  readonly name: string;
  readonly arn: string;
  /** How long it may take, in words. */
  readonly timeout: string;
  /** What to type to bring the function up. */
  readonly bringUp: string;
}

/** What Lambda says of a function that could not join its network, by the beginning of the error's name. */
const NETWORK = /^(EC2|ENI|EFS|Subnet|InvalidSubnet|InvalidSecurityGroup)/;

/** Why Lambda did not call the function, as a sentence with what to do (pure). */
export function notCalled(error: unknown, { name, arn, bringUp }: Called): string {
  const { name: is = "", code = "" } = error as { name?: string; code?: string };
  const said = reasonOf(error);
  // Of these, some end in AccessDenied or Throttled: they are of another service, which Lambda calls.
  if (/^KMS/.test(is))
    return `Lambda cannot read the settings of ${name} (${said}): see to the key and its policy`;
  if (NETWORK.test(is))
    return `the function ${name} cannot join its network (${said}): see to measure.vpc, to free addresses in its subnets, and to the role's ec2: permissions`;
  if (/ResourceNotFound/.test(is)) return `there is no function ${name}: ${bringUp} makes it`;
  if (/AccessDenied/.test(is))
    return `this run may not call the function ${name}: allow lambda:InvokeFunction on ${arn} to whoever promotes`;
  if (/TooManyRequests|Throttl/.test(is))
    return `Lambda had no room to run ${name} (${said}): wait a minute, or see to the account's concurrent executions`;
  if (/ResourceNotReady|ResourceConflict|CodeArtifact|SnapStart/.test(is))
    return `the function ${name} is not ready yet (${said}): wait a minute, then run it again`;
  if (/RequestTooLarge/.test(is))
    return "what is asked is too long for Lambda: declare fewer gates for one promotion";
  if (/ExpiredToken|UnrecognizedClient|InvalidClientToken|CredentialsProvider|SignatureDoesNotMatch/.test(is))
    return `AWS does not take this run's credentials (${said}): renew them`;
  if (/Timeout|Abort/.test(is)) return `Lambda gave no answer in time: see the log of ${name}`;
  if (/^E[A-Z_]+$/.test(code) || error instanceof AggregateError)
    return `Lambda cannot be reached from here (${said}): see to the way to AWS's API`;
  return `the function ${name} could not be called: ${said}`;
}

/** Why the function itself failed, by what Lambda says in the place of an answer (pure). */
export function brokeOff(payload: string, { name, timeout }: Called): string {
  const said = functionError(payload) ?? "without a word";
  if (/timed out/i.test(said))
    return `the function ${name} took longer than ${timeout}: raise measure.timeout, or see that its subnets reach what the gates look at`;
  if (/ResponseSizeTooLarge/.test(said))
    return `what ${name} saw is too much for one answer of Lambda: declare fewer gates`;
  if (/OutOfMemory|signal: killed/i.test(said)) return `the function ${name} ran out of memory: see its log`;
  return `the function ${name} failed (${said}): see its log`;
}
