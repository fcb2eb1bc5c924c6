import { cbor, dateToTag } from "@smithy/core/cbor";
import type { Call, Input } from "./call";
import { writeXml, writeXmlError } from "./wire/xml";

/** What goes back to the caller. */
export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array | string;
}

/** What AWS says when it refuses. */
export interface Refusal {
  /** AWS's own code, such as `ValidationException`. */
  readonly code: string;
  readonly message: string;
  /** The HTTP status; 400 when left out. */
  readonly status?: number;
  /** More that AWS says, such as the `Details` of a BadRequestException. */
  readonly more?: Input;
}

/** A success in the caller's protocol. Times are Dates in `output`. */
export function answer({ protocol, operation }: Call, output: Input): Answer {
  switch (protocol) {
    case "query":
      return { status: 200, headers: { "content-type": "text/xml" }, body: writeXml(operation, output) };
    case "cbor":
      return { status: 200, headers: CBOR, body: cbor.serialize(mapped(output, dateToTag)) };
    default: {
      const body = JSON.stringify(mapped(output, (date) => date.getTime() / 1_000));
      return { status: 200, headers: { "content-type": "application/x-amz-json-1.0" }, body };
    }
  }
}

const CBOR = { "content-type": "application/cbor", "smithy-protocol": "rpc-v2-cbor" };

/** A refusal in the caller's protocol. */
export function refuse(
  { protocol }: Pick<Call, "protocol">,
  { code, message, status = 400, more = {} }: Refusal,
): Answer {
  const said = { __type: code, message, Message: message, ...more };
  switch (protocol) {
    case "query":
      return { status, headers: { "content-type": "text/xml" }, body: writeXmlError(code, message) };
    case "cbor":
      return { status, headers: CBOR, body: cbor.serialize(said) };
    default: {
      const type = protocol === "rest" ? "application/json" : "application/x-amz-json-1.0";
      // Callers that were made for the query protocol look for its code in a header of its own.
      const headers = {
        "content-type": type,
        "x-amzn-errortype": code,
        "x-amzn-query-error": `${code};Sender`,
      };
      return { status, headers, body: JSON.stringify(said) };
    }
  }
}

/** A copy without nulls, and with every Date as `write` has it. */
function mapped(value: unknown, write: (date: Date) => unknown): unknown {
  if (value instanceof Date) return write(value);
  if (Array.isArray(value)) return value.map((item) => mapped(item, write));
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([, inner]) => inner !== undefined && inner !== null)
      .map(([name, inner]) => [name, mapped(inner, write)]),
  );
}
