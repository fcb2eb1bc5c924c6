import { type Failure, failed } from "../aws/failure";
import type { Known } from "../aws/known";
import { addressOf } from "../text/address";
import { short } from "../text/command";
import { jsonIn } from "../text/json";
import { reasonOf } from "../text/problem";
import type { Answer } from "./answer";
import { filledHeader } from "./elsewhere/source";
import { AGENT, authorized, type HttpRequest } from "./request";

/** How to reach the service, and whose bearer tokens there are, by role. The tokens are secret. */
export interface Service {
  readonly url: string;
  readonly tokens: Readonly<Record<string, string>>;
  /** Headers of every request; each `{ROLE}` in them is that role's token. */
  readonly headers?: Readonly<Record<string, string>> | undefined;
  /** Why none of them may be sent from here. */
  readonly withheld?: string | undefined;
}

/** Answers longer than this are cut off unread: a gate looks at a value, not at a dump. */
const MAX_BODY_BYTES = 8 * 1024 * 1024;

/** Sends one request. Throws where no complete answer comes within `signal`'s time. */
export async function send(service: Service, request: HttpRequest, signal: AbortSignal): Promise<Answer> {
  const token = request.as === undefined ? undefined : tokenOf(service, request.as);
  const own = Object.entries(service.headers ?? {}).map(([name, header]) => [
    name,
    filledHeader(header, (role) => tokenOf(service, role)),
  ]);
  const url = addressOf(request.url ?? service.url, request.path);
  const started = performance.now();
  const response = await fetch(url, {
    method: request.method,
    headers: {
      accept: "application/json",
      "user-agent": AGENT,
      ...(token === undefined ? {} : { authorization: authorized(request, token) }),
      ...(request.body === undefined ? {} : { "content-type": "application/json" }),
      ...Object.fromEntries(own),
    },
    ...(request.body === undefined ? {} : { body: JSON.stringify(request.body) }),
    redirect: "manual",
    signal,
  });
  const text = await readBody(response);
  return {
    status: response.status,
    ms: Math.round(performance.now() - started),
    json: jsonIn(text),
    headers: Object.fromEntries(response.headers),
  };
}

/** A role without a usable token: config to be mended, and no fault of the service. */
export class MissingToken extends Error {}

/** The role's token. One that no header can carry is never sent: the client's own complaint would quote it. */
function tokenOf({ tokens, withheld }: Service, role: string): string {
  if (withheld !== undefined) throw new MissingToken(withheld);
  const token = usable(tokens, role);
  if (token.ok) return token.value;
  throw new MissingToken(`${token.why}: ${token.remedy}`);
}

/** A role's token, or why there is none that can be sent, and what to type. */
export function usable(tokens: Service["tokens"], role: string): Known<string> {
  const token = Object.hasOwn(tokens, role) ? tokens[role] : undefined;
  const remedy = short.pulumi("config set", "--secret", `cutover:token-${role}`);
  if (token === undefined) return { ok: false, why: `there is no token for ${role}`, remedy };
  if (/^[\x21-\x7e]+$/.test(token)) return { ok: true, value: token };
  return { ok: false, why: `the token for ${role} holds what no header can carry; set it anew`, remedy };
}

/** Why no answer came, as an observation. */
export function requestFailure(error: unknown): Failure {
  if (error instanceof MissingToken) return failed("refused", error.message);
  const name = error instanceof Error ? error.name : "";
  if (name === "TimeoutError" || name === "AbortError")
    return failed("timeout", "no complete answer in time");
  // What the network refuses has its cause below it; anything else is an answer, or a request, that is no use.
  const cause = error instanceof Error ? error.cause : undefined;
  return cause === undefined ? failed("bad-answer", reasonOf(error)) : failed("unreachable", reasonOf(cause));
}

/** The text of an answer. Throws where it has no end. */
export async function readBody(response: Response): Promise<string> {
  const parts: Uint8Array[] = [];
  let size = 0;
  for await (const part of response.body ?? []) {
    parts.push(part as Uint8Array);
    size += (part as Uint8Array).byteLength;
    if (size > MAX_BODY_BYTES) throw new Error(`the answer is longer than ${MAX_BODY_BYTES} bytes`);
  }
  return Buffer.concat(parts).toString("utf8");
}
