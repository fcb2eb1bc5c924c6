import { z } from "zod";
import { pathBelow } from "../text/address";
import { tellWhere } from "../text/problem";
import { base } from "../text/target";
import { secretFree } from "../text/writtenOut";
import { onlyReads, parameterised, role, text } from "./common";
import type { FieldError, Fill } from "./kind";
import { wellNamed } from "./placeholders";

/** Where the secret of a request belongs. */
const AS = {
  message: "an address without a secret",
  remedy: "send it as a token: its role under as, and the secret config key cutover:token-ROLE",
};

/** One request to the service, as config says it. */
export const request = z.strictObject({
  method: z.enum(["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"]).default("GET"),
  path: pathBelow
    .refine(...wellNamed)
    .refine(...secretFree(AS))
    .meta({
      description: `Path on the service. ${parameterised}`,
      examples: ["/api/v2.5/workspaces/{workspace}/operations/queue"],
    }),
  as: role.optional().meta({
    description: "Whose bearer token to send: the secret config key `cutover:token-ROLE`.",
    examples: ["admin"],
  }),
  url: base
    .refine(...secretFree(AS))
    .optional()
    .meta({
      description:
        "Another service than the rollout's own, such as an incident tracker: `path` is below it. It is asked from where pulumi runs.",
      examples: ["https://api.pagerduty.com"],
    }),
  authorization: text
    .regex(
      /^[A-Za-z0-9 =:._-]*\{token\}[A-Za-z0-9 =:._-]*$/,
      "a header's text with {token} in it, of letters, digits, spaces and any of = : . _ - beside it",
    )
    .optional()
    .meta({
      description:
        "How the token of `as` is sent, where that is not `Bearer {token}`: the text of the header `Authorization`.",
      examples: ["Token token={token}"],
    }),
  body: z
    .record(z.string(), z.unknown())
    .optional()
    .describe(`Sent as JSON. ${parameterised} A value that is nothing else keeps its type.`),
});

/**
 * The user agent of every request that a gate sends. By it an app leaves them out of what it counts of its callers: an
 * endpoint that is to be without callers is looked at by gates, too.
 */
export const AGENT = "cutover";

export type HttpRequest = z.infer<typeof request>;

/**
 * A request with values in the place of their names.
 *
 * @param inPath the same for its path, where a value may need another form
 */
export function filledRequest<R extends HttpRequest>(one: R, fill: Fill, inPath: Fill = fill): R {
  const path = String(inPath(one.path));
  if (one.body === undefined) return { ...one, path };
  return { ...one, path, body: filledJson(one.body, fill) as HttpRequest["body"] };
}

function filledJson(json: unknown, fill: Fill): unknown {
  if (typeof json === "string") return fill(json);
  if (Array.isArray(json)) return json.map((one) => filledJson(one, fill));
  if (typeof json !== "object" || json === null) return json;
  return Object.fromEntries(Object.entries(json).map(([name, one]) => [name, filledJson(one, fill)]));
}

/** The text of the header `Authorization`, around a token or what stands for it. */
export const authorized = ({ authorization = "Bearer {token}" }: HttpRequest, token: string): string =>
  authorization.replace("{token}", () => token);

/** What of a request is sent by no client, or reaches nobody. */
export function unsent(
  { method, as, authorization, body }: HttpRequest,
  path: readonly string[],
): FieldError[] {
  const bodied = tellWhere(body !== undefined && (method === "GET" || method === "HEAD"), {
    path: [...path, "body"],
    what: `is sent with no ${method}`,
    remedy: "Write method: POST, or what the service takes it by, or leave body out",
  });
  const token = tellWhere(authorization !== undefined && as === undefined, {
    path: [...path, "authorization"],
    what: "says how a token is sent, and the request sends none",
    remedy: "Say whose it is under as, or take authorization out",
  });
  return [...bodied, ...token];
}

/** Statuses of answers that have no body (RFC 9110, 15.3.5 and 15.4.5). */
const WITHOUT_BODY = [204, 304];

/** What is asked of the body of an answer that has none, so that it could never hold. */
export function bodyless(
  { method }: Pick<HttpRequest, "method">,
  statuses: readonly number[],
  asked: Readonly<Record<string, unknown>>,
  path: readonly string[],
): FieldError[] {
  const why = method === "HEAD" ? "to HEAD" : `of status ${statuses.join(" or ")}`;
  const never =
    method === "HEAD" || (statuses.length > 0 && statuses.every((one) => WITHOUT_BODY.includes(one)));
  return Object.entries(asked).flatMap(([name, value]) =>
    tellWhere(never && value !== undefined, {
      path: [...path, name],
      what: `asks for what is in the answer, and an answer ${why} has nothing in it`,
      remedy: `Take ${name} out, or ask for an answer that has a body`,
    }),
  );
}

/** What is wrong with a request that changes something, where the gate does not say that it does. */
export function unsaidWrites(
  { method }: HttpRequest,
  writes: boolean | undefined,
  path: readonly string[],
): FieldError[] {
  return tellWhere(!onlyReads(method) && !writes, {
    path: [...path, "method"],
    what: `is ${method}, which changes something in the app, and the gate does not say so`,
    remedy:
      "Read with GET; or add writes: true, under smoke or the exit of the last stage: it is run where somebody acts on it alone",
  });
}

/** What is wrong with the request of a known-bad probe. */
export function probeWrites(prove: { readonly request: HttpRequest } | undefined): FieldError[] {
  return tellWhere(prove !== undefined && !onlyReads(prove.request.method), {
    path: ["prove", "request", "method"],
    what: `is ${prove?.request.method}, and a probe only looks`,
    remedy: "Name a GET whose answer must fail the gate, or take prove out",
  });
}

/** Said of a request that would change something where somebody only looks. */
export const notSent = ({ method, path }: Pick<HttpRequest, "method" | "path">) =>
  `${method} ${path} is not sent: only a gate that says writes: true may, where somebody acts on it`;
