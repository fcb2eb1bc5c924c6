import { buffer } from "node:stream/consumers";
import type { Answer } from "../answer";
import type { RawRequest } from "../call";
import type { Upstream } from "../upstream";

/** The emulator's answer to a request as it came, read to its end. */
export async function whole(raw: RawRequest, upstream: Upstream): Promise<Answer> {
  const from = await upstream.forward(raw);
  const {
    connection: _connection,
    "keep-alive": _keep,
    "transfer-encoding": _encoding,
    ...said
  } = from.headers;
  const headers = Object.fromEntries(
    Object.entries(said).flatMap(([name, value]) => (typeof value === "string" ? [[name, value]] : [])),
  );
  return { status: from.statusCode ?? 502, headers, body: await buffer(from) };
}
