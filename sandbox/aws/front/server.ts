import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { buffer } from "node:stream/consumers";
import { type Answer, refuse } from "./answer";
import { type RawRequest, readCall } from "./call";
import { refusal, type Service, type World } from "./rule";
import { UpstreamError } from "./upstream";

const RESET = "/_ministack/reset";
/** Below it the front itself is asked. */
const FRONT = "/_front/";
/** Answered with the token that the front was started with. */
const HEALTH = `${FRONT}health`;

/** The front's listener: what it knows nothing of goes to the emulator and back as it is. */
export function createFront(services: readonly Service[], world: World, token: string): Server {
  const byName = new Map(services.map((service) => [service.name, service]));
  const routes = (name: string) => byName.get(name)?.routes ?? [];

  const handle = async (raw: RawRequest, response: ServerResponse): Promise<void> => {
    if (raw.url === HEALTH) return reply(response, { status: 200, headers: {}, body: token });
    if (raw.url.startsWith(FRONT)) return control(raw, response);
    const call = readCall(raw, routes);
    const service = call && byName.get(call.service);
    if (call === undefined || service === undefined) {
      await pass(raw, response);
      if (raw.url === RESET) for (const each of services) each.forget?.();
      return;
    }
    const refused = await refusal(service, call, world);
    if (refused !== undefined) return reply(response, refuse(call, refused));
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

  const control = async (raw: RawRequest, response: ServerResponse): Promise<void> => {
    const name = raw.url.slice(FRONT.length);
    const known = services.find(({ controls }) => controls && Object.hasOwn(controls, name));
    await known?.controls?.[name]?.(JSON.parse(Buffer.from(raw.body).toString("utf8")), world);
    reply(response, { status: known ? 204 : 404, headers: {}, body: "" });
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
