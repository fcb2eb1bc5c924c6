import type { Readable } from "node:stream";

/** PostgreSQL's frontend/backend protocol, as far as a pooler has to read it. Source: PostgreSQL 18, chapter "Frontend/Backend Protocol". */

/** What a client begins with. */
export type Opening =
  | { readonly kind: "tls" | "gss" | "cancel" }
  | { readonly kind: "startup"; readonly parameters: Readonly<Record<string, string>> }
  | { readonly kind: "unknown"; readonly code: number };

const CODES: Readonly<Record<number, "tls" | "gss" | "cancel">> = {
  80877102: "cancel",
  80877103: "tls",
  80877104: "gss",
};
const PROTOCOL_3 = 3;
/** No start-up packet is longer: the server's own bound. */
const LONGEST_OPENING = 10_000;

/** Reads the packet that a connection begins with: its length, a code, and for a start-up pairs of texts. */
export function openingOf(packet: Buffer): Opening {
  const code = packet.readInt32BE(4);
  const known = CODES[code];
  if (known !== undefined) return { kind: known };
  if (code >> 16 !== PROTOCOL_3) return { kind: "unknown", code };
  const words = packet.subarray(8).toString("utf8").split("\0");
  const parameters: Record<string, string> = {};
  for (let at = 0; at + 1 < words.length && words[at] !== ""; at += 2)
    parameters[words[at] as string] = words[at + 1] as string;
  return { kind: "startup", parameters };
}

/**
 * What PgBouncer takes in a start-up packet, case aside: who and where, and what it can follow from session to session.
 * Anything else it refuses, unless it is told to ignore it. Source: PgBouncer's manual, `ignore_startup_parameters` and
 * `track_extra_parameters`.
 */
const TAKEN: ReadonlySet<string> = new Set([
  ...["user", "database", "application_name", "client_encoding", "datestyle", "timezone"],
  "standard_conforming_strings",
]);

/** The first parameter that a pooler does not take. */
export function refusedParameter(parameters: Readonly<Record<string, string>>): string | undefined {
  return Object.keys(parameters).find((name) => !TAKEN.has(name.toLowerCase()));
}

/** A message of one type: the type, its length, and what it holds. */
export function message(type: string, ...parts: readonly (string | Buffer)[]): Buffer {
  const body = Buffer.concat(
    parts.map((part) => (typeof part === "string" ? Buffer.from(`${part}\0`) : part)),
  );
  const head = Buffer.alloc(5);
  head.write(type, 0, "latin1");
  head.writeInt32BE(body.length + 4, 1);
  return Buffer.concat([head, body]);
}

/** An error that ends the connection. */
export function fatal(code: string, text: string): Buffer {
  return message("E", "SFATAL", "VFATAL", `C${code}`, `M${text}`, Buffer.from([0]));
}

/** What of a message says what follows from it. */
export interface Message {
  readonly type: string;
  /** All of it, its type and length too. */
  readonly bytes: Buffer;
}

/** Cuts what has come so far into whole messages. */
export class Messages {
  #rest: Buffer = Buffer.alloc(0);

  take(chunk: Buffer): Message[] {
    this.#rest = this.#rest.length === 0 ? chunk : Buffer.concat([this.#rest, chunk]);
    const found: Message[] = [];
    while (this.#rest.length >= 5) {
      const end = 1 + this.#rest.readInt32BE(1);
      if (this.#rest.length < end) break;
      found.push({ type: String.fromCharCode(this.#rest[0] as number), bytes: this.#rest.subarray(0, end) });
      this.#rest = this.#rest.subarray(end);
    }
    return found;
  }
}

/**
 * The next packet without a type. Undefined where the connection ends before, or what comes is longer than one may be, or
 * goes on behind it: whoever asks for TLS says nothing until there is an answer.
 */
export function nextOpening(from: Readable): Promise<Buffer | undefined> {
  return new Promise((resolve) => {
    let got = Buffer.alloc(0);
    const done = (packet: Buffer | undefined) => {
      from.off("readable", read).off("end", ended).off("close", ended).off("error", ended);
      resolve(packet);
    };
    const ended = () => done(undefined);
    const read = () => {
      for (let chunk: Buffer | null = from.read(); chunk !== null; chunk = from.read())
        got = Buffer.concat([got, chunk]);
      if (got.length < 4) return;
      const length = got.readInt32BE(0);
      if (length < 8 || length > LONGEST_OPENING || got.length > length) done(undefined);
      else if (got.length === length) done(got);
    };
    from.on("end", ended).on("close", ended).on("error", ended).on("readable", read);
    // What came while nobody listened.
    read();
  });
}
