import { randomBytes } from "node:crypto";
import { placeIn } from "../aws/arn";
import { withClient } from "../aws/clients";
import { sha256 } from "../text/digest";
import { milliseconds } from "../text/duration";
import { type Accepted, accept } from "./accept";
import { brokeOff, notCalled } from "./failures";
import { type Asked, type MeasureRequest, MOST_BYTES } from "./protocol";

/** Sends a request to a function, and hands on what comes back: what it says, or the error in its place. */
export type Invoke = (
  arn: string,
  payload: string,
  limits: { readonly ms: number; readonly attempts: number },
) => Promise<{ readonly text: string; readonly broke: boolean }>;

/** A rollout's measuring function, as a program knows it. */
export interface MeasuringFunction {
  readonly arn: string;
  /** How long it may take, as config writes it. */
  readonly timeout: string;
  /** What to type to bring it up. */
  readonly bringUp: string;
  /** SHA-256 of the code that it should have, and of the places that it should know. */
  readonly code: () => Promise<string>;
  readonly places: string;
}

/** What is asked, and for what. */
export type Question = Pick<MeasureRequest, "rollout" | "stage" | "attempt"> & { readonly asked: Asked };

/** How much longer than the function this side waits: for its network, and a cold start. */
const GRACE_MS = 30_000;

/** Asks a measuring function. Never throws: whatever goes wrong is no answer, with why. */
export async function askFunction(
  fn: MeasuringFunction,
  { asked, ...subject }: Question,
  invoke: Invoke = invokeLambda,
): Promise<Accepted> {
  const { arn, timeout, bringUp, places } = fn;
  const called = { arn, timeout, bringUp, name: nameIn(arn) };
  // What writes is asked for once: that no answer came is no reason to write again.
  const attempts = asked.kind === "gates" && asked.acting ? 1 : 3;
  try {
    const nonce = randomBytes(16).toString("hex");
    const request: MeasureRequest = { cutover: 1, nonce, ...subject, code: await fn.code(), places, asked };
    const payload = JSON.stringify(request);
    if (Buffer.byteLength(payload) > MOST_BYTES)
      return { ok: false, why: notCalled({ name: "RequestTooLargeException" }, called) };
    const at = Date.now();
    const { text, broke } = await invoke(arn, payload, { ms: milliseconds(timeout) + GRACE_MS, attempts });
    if (broke) return { ok: false, why: brokeOff(text, called) };
    return accept(text, { request, digest: sha256(payload), at, answeredAt: Date.now(), bringUp });
  } catch (error) {
    return { ok: false, why: notCalled(error, called) };
  }
}

/** The function's name in its ARN. */
const nameIn = (arn: string) => arn.split(":")[6] ?? arn;

/** Calls the function on AWS. What is sent is encrypted on its way, and AWS writes it down nowhere. */
const invokeLambda: Invoke = async (arn, payload, { ms, attempts }) => {
  // Loaded here: a rollout without such a function does not pay for it.
  const { InvokeCommand, LambdaClient } = await import("@aws-sdk/client-lambda");
  const { region } = placeIn(arn);
  const asked = new InvokeCommand({ FunctionName: arn, Payload: payload });
  // Bounds all attempts together.
  const abortSignal = AbortSignal.timeout(ms);
  const answer = await withClient(LambdaClient, { region, limits: { request: ms, attempts } }, (client) =>
    client.send(asked, { abortSignal }),
  );
  return {
    text: Buffer.from(answer.Payload ?? []).toString("utf8"),
    broke: answer.FunctionError !== undefined,
  };
};
