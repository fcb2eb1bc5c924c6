import { failed } from "../../aws/failure";
import { at } from "../../text/dotted";
import { milliseconds } from "../../text/duration";
import { plain } from "../answer";
import { mayWrite, onlyReads } from "../common";
import type { GateOf } from "../kind";
import { NO_SERVICE, type Sources } from "../look";
import type { Seen } from "../observation";
import { notSent } from "../request";
import { requestFailure, send } from "../service";
import type { HttpGate } from "./http";

/** Sends the request of a gate, but for one that would change something where somebody only looks. */
export async function look(
  gate: GateOf<HttpGate>,
  { service, acting }: Pick<Sources, "service" | "acting">,
): Promise<Seen> {
  const { request, value: path, timeout } = gate.definition;
  if (!onlyReads(request.method) && !mayWrite(gate, { acting }))
    return failed("bad-answer", notSent(request));
  if (!service) return NO_SERVICE;
  try {
    const { status, ms, json } = await send(service, request, AbortSignal.timeout(milliseconds(timeout)));
    const value = path === undefined ? undefined : at(json, path);
    return { kind: "answer", status, ms, ...(value === undefined ? {} : { value: plain(value) }) };
  } catch (error) {
    return requestFailure(error);
  }
}
