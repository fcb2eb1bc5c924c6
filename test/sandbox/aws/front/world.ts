import type { Server } from "node:http";
import { createServer as createHttpServer } from "node:http";
import type { AddressInfo } from "node:net";
import { buffer } from "node:stream/consumers";
import { onTestFinished } from "vitest";
import { emulated } from "../../../../sandbox/aws/emulated";
import type { Library } from "../../../../sandbox/aws/front/models/library";
import { createFront } from "../../../../sandbox/aws/front/server";
import { allServices } from "../../../../sandbox/aws/front/services";
import { Upstream } from "../../../../sandbox/aws/front/upstream";

/** What the emulator was asked: the operation or path, and the body. */
interface Asked {
  readonly what: string;
  readonly input: Record<string, unknown>;
}

/** A front before an emulator that answers what a test says, at a clock that the test moves. */
export interface FrontUnderTest {
  readonly endpoint: string;
  readonly asked: readonly Asked[];
  /** Milliseconds of the epoch. */
  now: number;
  /** What the emulator answers to an operation (or to `METHOD /path`) in JSON or as a text. */
  readonly says: Record<string, unknown>;
  tick(): Promise<void>;
}

/** Opens both on loopback; they close with the test. */
export async function openFront(
  says: Record<string, unknown> = {},
  library?: Library,
): Promise<FrontUnderTest> {
  const asked: Asked[] = [];
  const emulator = createHttpServer(async (request, response) => {
    const body = (await buffer(request)).toString("utf8");
    const target = String(request.headers["x-amz-target"] ?? "")
      .split(".")
      .at(-1);
    const action = new URLSearchParams(body).get("Action");
    const what = target || action || `${request.method} ${request.url}`;
    asked.push({ what, input: target && body !== "" ? JSON.parse(body) : {} });
    const answer = says[what] ?? (action ? `<${action}Response><${action}Result/></${action}Response>` : {});
    response.end(typeof answer === "string" ? answer : JSON.stringify(answer));
  });
  const { services, cloudwatch } = allServices();
  const upstream = new Upstream(await listen(emulator));
  const front: FrontUnderTest = {
    endpoint: "",
    asked,
    now: Date.parse("2026-01-01T12:00:00Z"),
    says,
    tick: () => cloudwatch.tick(world),
  };
  const world = { upstream, now: () => front.now };
  const endpoint = await listen(createFront(services, world, { token: "token", library }));
  onTestFinished(() => upstream.close());
  return Object.assign(front, { endpoint });
}

async function listen(server: Server): Promise<string> {
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

/** Settings of a client for the front. */
export function settings(endpoint: string) {
  return { ...emulated({ endpoint, region: "us-east-1" }), maxAttempts: 1 };
}
