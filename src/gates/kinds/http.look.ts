import { failed } from "../../aws/failure";
import { at } from "../../text/dotted";
import { milliseconds } from "../../text/duration";
import { plain } from "../answer";
import { mayWrite, onlyReads } from "../common";
import type { GateOf } from "../kind";
import { NO_SERVICE, type Sources } from "../look";
import type { Seen } from "../observation";
import { notSent } from "../request";
import { requestFailure, type Service, send } from "../service";
import type { HttpGate } from "./http";

/** Measures one request. */
export async function observeHttp(service: Service | undefined, gate: HttpGate): Promise<Seen> {
  if (!service) return NO_SERVICE;
  try {
    const answer = await send(service, gate.request, AbortSignal.timeout(milliseconds(gate.timeout)));
    const value = gate.value === undefined ? undefined : at(answer.json, gate.value);
    return {
      kind: "answer",
      status: answer.status,
      ms: answer.ms,
      ...(value === undefined ? {} : { value: plain(value) }),
    };
  } catch (error) {
    return requestFailure(error);
  }
}

/** Measures a gate, but for one that would change something where somebody only looks. */
export async function look(gate: GateOf<HttpGate>, sources: Sources): Promise<Seen> {
  const { request } = gate.definition;
  if (!onlyReads(request.method) && !mayWrite(gate, sources)) return failed("bad-answer", notSent(request));
  return observeHttp(sources.service, gate.definition);
}
