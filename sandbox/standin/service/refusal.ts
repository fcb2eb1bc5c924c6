import type { Answer } from "./answer";

const CODES = { 400: "BAD_REQUEST", 401: "UNAUTHENTICATED", 403: "FORBIDDEN", 404: "NOT_FOUND" } as const;

/** An answer that tells what is wrong with a request. */
export function refusal(status: keyof typeof CODES): Answer {
  return { status, headers: {}, body: { error: { code: CODES[status] } } };
}

/**
 * What is answered to a request that none of the known ones is: who may not ask it, whose body is not known, or that
 * there is nothing.
 */
export function refusalFor(key: string, known: Iterable<string>): Answer {
  const [request, role] = key.split("\n");
  const same = [...known].map((one) => one.split("\n")).filter(([other]) => other === request);
  if (same.length === 0) return refusal(404);
  if (same.some(([, other]) => other === role)) return refusal(400);
  return refusal(role === "" ? 401 : 403);
}
