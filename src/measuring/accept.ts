import { CLOCK_SKEW_MS } from "../gates/verdict";
import { showDuration } from "../text/duration";
import { jsonIn } from "../text/json";
import { type MeasureAnswer, type MeasureRequest, MOST_BYTES, measureAnswer } from "./protocol";

/** A request with what else its answer is held against. */
export interface Sent {
  readonly request: Pick<MeasureRequest, "nonce" | "rollout" | "code" | "places">;
  /** SHA-256 of the request as it was sent. */
  readonly digest: string;
  /** When it was sent, and when the answer was there in full; ms since the epoch, by this machine's clock. */
  readonly at: number;
  readonly answeredAt: number;
  /** What to type where the function is not what the program knows. */
  readonly bringUp: string;
}

/** What was seen, or why the answer does not count. */
export type Accepted =
  | { readonly ok: true; readonly seen: readonly unknown[]; readonly began: number; readonly ended: number }
  | { readonly ok: false; readonly why: string };

const no = (why: string): Accepted => ({ ok: false, why });

/**
 * Whether an answer is that of the rollout's own function, as it is now, to this very request (pure). Anything else is
 * no answer: a stale one, somebody else's, one of other code, one that was cut.
 */
export function accept(text: string, sent: Sent): Accepted {
  const size = Buffer.byteLength(text);
  if (size > MOST_BYTES) return no(`the answer has ${size} bytes, and Lambda carries ${MOST_BYTES}`);
  const answer = measureAnswer.safeParse(jsonIn(text)).data;
  if (answer === undefined)
    return no("the answer is cut short, or is none of a measuring function; see the function's log");
  return unbound(answer, sent) ?? outOfTime(answer, sent) ?? resultOf(answer);
}

/** Why an answer is not to this request, or not of this rollout's function as it is in this checkout. */
function unbound(answer: MeasureAnswer, { request, digest, bringUp }: Sent): Accepted | undefined {
  if (answer.nonce !== request.nonce)
    return no("the answer is to another request: its nonce is not the one that was sent");
  if (answer.rollout !== request.rollout)
    return no(`the function measures for the rollout ${answer.rollout}, and not for ${request.rollout}`);
  if (answer.code !== request.code)
    return no(
      `the function is of another version of cutover than this program: ${bringUp} brings it up to date`,
    );
  if (answer.places !== request.places)
    return no(
      `the function knows another database, service or servers than the stack files name: ${bringUp} brings it up to date`,
    );
  if (answer.request !== digest)
    return no("the function was asked something else than was sent: the request was changed on its way");
  return undefined;
}

/** Why an answer is not of the time between the request and now. */
function outOfTime(answer: MeasureAnswer, { at, answeredAt }: Sent): Accepted | undefined {
  const [began, ended] = [Date.parse(answer.began), Date.parse(answer.ended)];
  const early = at - began;
  const late = ended - answeredAt;
  const remedy = "set this machine's clock right";
  if (began > ended) return no("the function began after it ended, by its own clock");
  if (early > CLOCK_SKEW_MS)
    return no(`the function looked ${showDuration(early)} before it was asked: ${remedy}`);
  if (late > CLOCK_SKEW_MS) return no(`the function's clock is ${showDuration(late)} ahead: ${remedy}`);
  return undefined;
}

function resultOf({ result, began, ended }: MeasureAnswer): Accepted {
  if ("refused" in result) return no(`the function looked at nothing: ${result.refused}`);
  return { ok: true, seen: result.seen, began: Date.parse(began), ended: Date.parse(ended) };
}
