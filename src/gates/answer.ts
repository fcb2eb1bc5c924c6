/** A complete answer of the service. It is told to who writes checks, too: it knows nothing else of gates. */
export interface Answer {
  readonly status: number;
  readonly ms: number;
  /** The body as JSON, or undefined where it is none. */
  readonly json: unknown;
  /** By their names in lower case; one that was sent several times is put together with commas. */
  readonly headers: Readonly<Record<string, string>>;
}
