/** A complete answer of the service. It is told to who writes checks, too: it knows nothing else of gates. */
export interface Answer {
  readonly status: number;
  readonly ms: number;
  /** The body as JSON, or undefined where it is none. */
  readonly json: unknown;
  /** By their names in lower case; one that was sent several times is put together with commas. */
  readonly headers: Readonly<Record<string, string>>;
}

/**
 * Why an answer shows that whoever asked is not let in, or that the service is broken; undefined for any other.
 *
 * @param as whose token was sent
 */
export function turnedAwayBy(status: number, as: string | undefined): string | undefined {
  if (status === 401 || status === 403)
    return `answers ${status} ${as === undefined ? "without a token" : `to the token for ${as}`}`;
  return status >= 500 ? `answers ${status}` : undefined;
}

/**
 * Evidence keeps what can be compared: a whole object would only carry users' data into the stack's state. It is kept as
 * an empty one, and not in words, which would be anything but what a gate must not find.
 */
export function plain(value: unknown): unknown {
  if (typeof value !== "object" || value === null) return value;
  return Array.isArray(value) ? [] : {};
}
