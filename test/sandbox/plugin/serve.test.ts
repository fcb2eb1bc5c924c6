import { type AddressInfo, connect, createServer, type Server } from "node:net";
import * as grpc from "@grpc/grpc-js";
import { ResourceProviderClient } from "@pulumi/pulumi/proto/provider_grpc_pb";
import * as pb from "@pulumi/pulumi/proto/provider_pb";
import { Empty } from "google-protobuf/google/protobuf/empty_pb";
import { Struct } from "google-protobuf/google/protobuf/struct_pb";
import { expect, it, onTestFinished, vi } from "vitest";
import * as z from "zod";
import { serve } from "../../../sandbox/plugin/serve";
import type { Plugin } from "../../../sandbox/plugin/table";

type Answer<T> = (error: grpc.ServiceError | null, answer: T) => void;

/** A limit only finds what hangs. */
const until = (holds: () => boolean | undefined) => vi.waitUntil(holds, { timeout: 30_000 });

const told = <T>(ask: (answer: Answer<T>) => void) =>
  new Promise<T>((resolve, reject) => ask((error, answer) => (error ? reject(error) : resolve(answer))));

/** A plugin that says whom it was opened for, and whose resources wait until they are cancelled. */
function served() {
  const waiting: AbortSignal[] = [];
  const plugin: Plugin<{ who: string }> = {
    name: "t",
    version: "1.0.0",
    config: { who: z.string() },
    rows: {
      "t:i/x:X": {
        inputs: {},
        outputs: [],
        create: async () => "id",
        settle: (_ctx, _id, _inputs, { signal }) => {
          waiting.push(signal);
          return new Promise((_, reject) => signal.addEventListener("abort", () => reject(signal.reason)));
        },
        read: async () => ({}),
        delete: async () => {},
      },
    },
    functions: { "t:i/who:who": async ({ who }) => ({ who }) },
    open: ({ who }) => ({ defaultTags: {}, context: () => ({ who: String(who) }) }),
    explain: (error) => (error as Error).message,
    isMissing: () => false,
  };
  vi.spyOn(process.stdout, "write").mockReturnValue(true);
  const server = serve(plugin);
  onTestFinished(() => void server.close());
  /** An engine that attaches, and opens the provider for somebody. */
  const engine = async (who: string, at = server) => {
    const port = await portOf(at);
    // Clients of one process share their connections otherwise; engines are processes of their own.
    const alone = { "grpc.use_local_subchannel_pool": 1 };
    const client = new ResourceProviderClient(`127.0.0.1:${port}`, grpc.credentials.createInsecure(), alone);
    onTestFinished(() => client.close());
    const args = Struct.fromJavaScript({ who });
    await told((done) => client.configure(new pb.ConfigureRequest().setArgs(args), done));
    return client;
  };
  return { server, engine, waiting };
}

async function portOf(server: Server): Promise<number> {
  await until(() => server.listening);
  return (server.address() as AddressInfo).port;
}

const whoIs = async (client: ResourceProviderClient) => {
  const request = new pb.InvokeRequest().setTok("t:i/who:who").setArgs(Struct.fromJavaScript({}));
  const answer = await told<pb.InvokeResponse>((done) => client.invoke(request, done));
  return answer.getReturn()?.toJavaScript().who;
};
const create = (client: ResourceProviderClient) =>
  told<pb.CreateResponse>((done) =>
    client.create(
      new pb.CreateRequest().setUrn("urn:pulumi:s::p::t:i/x:X::one").setProperties(Struct.fromJavaScript({})),
      done,
    ),
  );

it("gives each engine a provider of its own", async () => {
  const { engine } = served();
  const [first, second] = [await engine("first"), await engine("second")];
  expect([await whoIs(first), await whoIs(second), await whoIs(first)]).toEqual(["first", "second", "first"]);
});

it("cancels for the engine that asks for it alone", async () => {
  const { engine, waiting } = served();
  const [first, second] = [await engine("first"), await engine("second")];
  const refused = expect(create(first)).rejects.toThrow("the engine cancelled the operation");
  await until(() => waiting.length === 1);
  create(second).catch(() => {});
  await until(() => waiting.length === 2);
  await told((done) => first.cancel(new Empty(), done));
  await refused;
  expect(waiting.map(({ aborted }) => aborted)).toEqual([true, false]);
});

it("waits for nothing any more once its engine has gone", async () => {
  const { server, engine, waiting } = served();
  const port = await portOf(server);
  let kill = () => {};
  const between = createServer((near) => {
    const far = connect(port, "127.0.0.1");
    for (const [from, to] of [
      [near, far],
      [far, near],
    ] as const)
      from.on("error", () => {}).pipe(to);
    kill = () => void far.destroy();
  }).listen(0, "127.0.0.1");
  onTestFinished(() => void between.close());
  create(await engine("first", between)).catch(() => {});
  await until(() => waiting.length === 1);
  kill();
  await until(() => waiting[0]?.aborted);
});
