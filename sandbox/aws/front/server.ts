import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { buffer } from "node:stream/consumers";
import { type Answer, type Refusal, refuse } from "./answer";
import { type Call, type RawRequest, readCall, readSigned, readSpoken } from "./call";
import { FAULTS, type Faults, fault } from "./faults";
import type { Library } from "./models/library";
import { misshapen } from "./models/refuse";
import { REFUSALS, type Refused } from "./refusals";
import { refusal, type Service, type World } from "./rule";
import { UpstreamError } from "./upstream";

const RESET = "/_ministack/reset";
/** Below it the front itself is asked. */
const FRONT = "/_front/";
/** Answered with the token that the front was started with. */
const HEALTH = `${FRONT}health`;
/** How many refusals are kept. */
const MOST = 1_000;

/**
 * The front's listener: what it knows nothing of goes to the emulator and back as it is.
 *
 * @param token what it answers to whoever asks whether it is the one that was started
 * @param library AWS's models; without them requests are held to the rules of the services alone
 */
export function createFront(
  services: readonly Service[],
  world: World,
  { token, library }: { readonly token: string; readonly library?: Library | undefined },
): Server {
  const byName = new Map(services.map((service) => [service.name, service]));
  const routes = (name: string) => byName.get(name)?.routes ?? [];
  let faults: Faults = {};
  let refused: Refused[] = [];

  const handle = async (raw: RawRequest, response: ServerResponse): Promise<void> => {
    if (raw.url.startsWith(FRONT)) return control(raw, response);
    const turnedAway = before(raw);
    if (turnedAway !== undefined) return reply(response, turnedAway);
    const call = readCall(raw, routes);
    const service = call && byName.get(call.service);
    if (call === undefined || service === undefined) {
      await pass(raw, response);
      if (raw.url === RESET) forget();
      return;
    }
    const told = await refusal(service, call, world);
    if (told !== undefined) return reply(response, refuseAs(call, told));
    const own = service.answers?.[call.operation];
    if (own === undefined) {
      const status = await pass(raw, response);
      if (status < 300) service.notices?.[call.operation]?.(call, world);
      return;
    }
    try {
      reply(response, await own(call, world));
    } catch (error) {
      if (!(error instanceof UpstreamError)) throw error;
      reply(response, refuse(call, error));
    }
  };

  /** What is refused before any service looks at it: callers whom nobody knows, and what is no request of AWS's. */
  const before = (raw: RawRequest): Answer | undefined => {
    const signed = readSigned(raw);
    if (signed === undefined) return undefined;
    const { operation, protocol } = readSpoken(raw) ?? { protocol: "rest" };
    const faulty = fault(faults, signed, protocol);
    if (faulty !== undefined) return refuseAs({ service: signed.service, operation, protocol }, faulty);
    const wrong = library && misshapen(raw, signed, library);
    return wrong && refuseAs({ service: signed.service, ...wrong }, wrong.refusal);
  };

  const refuseAs = (
    {
      service,
      operation,
      protocol,
    }: Pick<Call, "service" | "protocol"> & { readonly operation?: string | undefined },
    told: Refusal,
  ): Answer => {
    const { code, message } = told;
    const row = { at: world.now(), service, ...(operation !== undefined && { operation }), code, message };
    refused = [...refused, row].slice(-MOST);
    return refuse({ protocol }, told);
  };

  const forget = () => {
    for (const each of services) each.forget?.();
    faults = {};
    refused = [];
  };

  const control = async (raw: RawRequest, response: ServerResponse): Promise<void> => {
    if (raw.url === HEALTH) return reply(response, { status: 200, headers: {}, body: token });
    const name = raw.url.slice(FRONT.length);
    if (name === REFUSALS) {
      const headers = { "content-type": "application/json" };
      return reply(response, { status: 200, headers, body: JSON.stringify(refused) });
    }
    const body = () => JSON.parse(Buffer.from(raw.body).toString("utf8")) as unknown;
    const known = services.find(({ controls }) => controls && Object.hasOwn(controls, name));
    if (name === FAULTS) faults = body() as Faults;
    else await known?.controls?.[name]?.(body(), world);
    reply(response, { status: known || name === FAULTS ? 204 : 404, headers: {}, body: "" });
  };

  const pass = async (raw: RawRequest, response: ServerResponse): Promise<number> => {
    const from = await world.upstream.forward(raw);
    const status = from.statusCode ?? 502;
    const { connection: _connection, "keep-alive": _keep, ...headers } = from.headers;
    response.writeHead(status, headers);
    from.pipe(response);
    return status;
  };

  return createServer((request: IncomingMessage, response) => {
    void (async () => {
      try {
        const { method = "GET", url = "/", headers } = request;
        await handle({ method, url, headers, body: await buffer(request) }, response);
      } catch (error) {
        console.error(error);
        if (response.headersSent) response.destroy();
        else reply(response, { status: 502, headers: {}, body: `the front failed: ${error}` });
      }
    })();
  });
}

function reply(response: ServerResponse, { status, headers, body }: Answer): void {
  response.writeHead(status, { ...headers, "content-length": String(Buffer.byteLength(body)) });
  response.end(body);
}
