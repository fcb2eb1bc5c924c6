/** A query as part of another one: in parentheses, without a semicolon, and with an end to a comment that stands last. */
export function subquery(query: string): string {
  const text = query.trim().replace(/\s*;$/, "");
  return text.includes("--") ? `(${text}\n)` : `(${text})`;
}
