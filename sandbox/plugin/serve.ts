import { type AddressInfo, createServer, type Server, type Socket } from "node:net";
import * as grpc from "@grpc/grpc-js";
import { PluginInfo } from "@pulumi/pulumi/proto/plugin_pb";
import { ResourceProviderService } from "@pulumi/pulumi/proto/provider_grpc_pb";
import * as pb from "@pulumi/pulumi/proto/provider_pb";
import { Status } from "@pulumi/pulumi/proto/status_pb";
import { Any } from "google-protobuf/google/protobuf/any_pb";
import { Empty } from "google-protobuf/google/protobuf/empty_pb";
import { type JavaScriptValue, Struct } from "google-protobuf/google/protobuf/struct_pb";
import { unary as handler, serverOf } from "../host/grpc";
import { top } from "./diff";
import { NotSettled, TableProvider } from "./provider";
import type { Failure } from "./spec";
import type { Plugin } from "./table";
import type { Props } from "./values";

/**
 * Serves a plugin to the engine that started it, or to each that attaches to it: what one engine sets or cancels is
 * nothing to the others.
 *
 * `pulumi.provider.main` of the SDK is not used: it hands no provider configuration to its provider, has no
 * detailed diffs and no previews of creates and updates, and takes 0.3 s longer to load.
 */
export function serve<C>(plugin: Plugin<C>): Server {
  const server = createServer((connection) => serveOne(plugin, connection));
  server.listen(0, "127.0.0.1", () => {
    // The engine reads the port from the first line of output.
    process.stdout.write(`${(server.address() as AddressInfo).port}\n`);
  });
  return server;
}

/** An engine has one connection to each provider of its program. */
function serveOne<C>(plugin: Plugin<C>, connection: Socket): void {
  const provider = new TableProvider(plugin);
  const server = serverOf(ResourceProviderService, handlers(plugin, provider));
  connection.setNoDelay(true);
  connection.once("close", () => {
    // Nobody waits any more for what it still waits for.
    provider.cancel();
    server.forceShutdown();
  });
  server.createConnectionInjector(grpc.ServerCredentials.createInsecure()).injectConnection(connection);
}

function handlers<C>(plugin: Plugin<C>, provider: TableProvider<C>) {
  const target = (request: pb.CheckRequest | pb.DiffRequest | pb.CreateRequest | pb.ReadRequest) =>
    parseUrn(request.getUrn());
  return {
    checkConfig: unary(async (request: pb.CheckRequest) =>
      checkResponse(props(request.getNews()), provider.checkConfig(props(request.getNews()))),
    ),
    diffConfig: unary(async (request: pb.DiffRequest) => {
      const [olds, news] = [request.getOlds(), request.getNews()].map((s) => JSON.stringify(props(s)));
      const { DIFF_NONE, DIFF_SOME } = pb.DiffResponse.DiffChanges;
      return new pb.DiffResponse().setChanges(olds === news ? DIFF_NONE : DIFF_SOME);
    }),
    configure: unary(async (request: pb.ConfigureRequest) => {
      provider.configure(props(request.getArgs()));
      return new pb.ConfigureResponse()
        .setAcceptsecrets(true)
        .setSupportspreview(true)
        .setSupportsAutonamingConfiguration(true);
    }),
    check: unary(async (request: pb.CheckRequest) => {
      const given = request.getAutonaming();
      const mode = (["propose", "enforce", "disable"] as const)[given?.getMode() ?? 0];
      const naming = given ? { proposed: given.getProposedName(), mode: mode ?? "propose" } : {};
      const seed = request.getRandomseed_asU8();
      const [olds, news] = [props(request.getOlds()), props(request.getNews())];
      const answer = provider.check(target(request), olds, news, { seed, ...naming });
      return checkResponse(answer.inputs, answer.failures);
    }),
    diff: unary(async (request: pb.DiffRequest) => {
      const [state, news] = [props(request.getOlds()), props(request.getNews())];
      return diffResponse(provider.diff(target(request), state, news, request.getIgnorechangesList()));
    }),
    create: unary(async (request: pb.CreateRequest) => {
      const seconds = request.getTimeout() || undefined;
      const inputs = props(request.getProperties());
      const { id, state } = await provider.create(target(request), inputs, request.getPreview(), seconds);
      return new pb.CreateResponse().setId(id).setProperties(struct(state));
    }),
    read: unary(async (request: pb.ReadRequest) => {
      const [state, inputs] = [props(request.getProperties()), props(request.getInputs())];
      const found = await provider.read(target(request), request.getId(), state, inputs);
      if (!found) return new pb.ReadResponse();
      const response = new pb.ReadResponse().setId(found.id).setProperties(struct(found.state));
      return response.setInputs(struct(found.inputs));
    }),
    update: unary(async (request: pb.UpdateRequest) => {
      const [olds, news] = [props(request.getOlds()), props(request.getNews())];
      const seconds = request.getTimeout() || undefined;
      const [of, id, preview] = [parseUrn(request.getUrn()), request.getId(), request.getPreview()];
      return new pb.UpdateResponse().setProperties(
        struct(await provider.update(of, id, olds, news, preview, seconds)),
      );
    }),
    delete: unary(async (request: pb.DeleteRequest) => {
      await provider.delete(parseUrn(request.getUrn()), request.getId(), props(request.getProperties()));
      return new Empty();
    }),
    invoke: unary(async (request: pb.InvokeRequest) => {
      const answer = await provider.invoke(request.getTok(), props(request.getArgs()));
      return new pb.InvokeResponse().setReturn(struct(answer));
    }),
    cancel: unary(async () => {
      provider.cancel();
      return new Empty();
    }),
    attach: unary(async () => new Empty()),
    getPluginInfo: unary(async () => new PluginInfo().setVersion(plugin.version)),
    getSchema: unary(async () => {
      const schema = JSON.stringify({ name: plugin.name, version: plugin.version });
      return new pb.GetSchemaResponse().setSchema(schema);
    }),
  };
}

const unary = <Req, Res>(answer: (request: Req) => Promise<Res>) => handler(answer, failure);

/** The engine keeps a resource in state that exists but failed, if it is told so in these details. */
function failure(error: unknown): Partial<grpc.StatusObject> {
  const message = error instanceof Error ? error.message : String(error);
  const answer = { code: grpc.status.UNKNOWN, details: message };
  if (!(error instanceof NotSettled)) return answer;
  const detail = new pb.ErrorResourceInitFailed().setId(error.id).setProperties(struct(error.properties));
  const any = new Any();
  any.pack(detail.setReasonsList([message]).serializeBinary(), "pulumirpc.ErrorResourceInitFailed");
  const status = new Status().setCode(grpc.status.UNKNOWN).setMessage(message).addDetails(any) as unknown;
  const metadata = new grpc.Metadata();
  metadata.add("grpc-status-details-bin", Buffer.from((status as Status).serializeBinary()));
  return { ...answer, metadata };
}

function checkResponse(inputs: Props, failures: readonly Failure[]): pb.CheckResponse {
  const list = failures.map(({ property, reason }) =>
    new pb.CheckFailure().setProperty(property).setReason(reason),
  );
  return new pb.CheckResponse().setInputs(struct(inputs)).setFailuresList(list);
}

function diffResponse({
  changes,
  replaces,
  deleteBeforeReplace,
}: ReturnType<TableProvider<unknown>["diff"]>) {
  const { Kind } = pb.PropertyDiff;
  const kinds = {
    add: [Kind.ADD, Kind.ADD_REPLACE],
    delete: [Kind.DELETE, Kind.DELETE_REPLACE],
    update: [Kind.UPDATE, Kind.UPDATE_REPLACE],
  } as const;
  const { DIFF_NONE, DIFF_SOME } = pb.DiffResponse.DiffChanges;
  const response = new pb.DiffResponse()
    .setChanges(changes.size > 0 ? DIFF_SOME : DIFF_NONE)
    .setReplacesList([...replaces])
    .setDeletebeforereplace(deleteBeforeReplace)
    .setDiffsList([...new Set([...changes.keys()].map(top))])
    .setHasdetaileddiff(true);
  for (const [path, change] of changes) {
    const kind = kinds[change.kind][change.replaces ? 1 : 0];
    const detail = new pb.PropertyDiff().setKind(kind).setInputdiff(path !== "tagsAll");
    response.getDetaileddiffMap().set(path, detail);
  }
  return response;
}

function props(struct: Struct | undefined): Props {
  return (struct?.toJavaScript() ?? {}) as Props;
}

/** By way of JSON, which drops what is undefined and writes dates as text. */
function struct(props: Props): Struct {
  return Struct.fromJavaScript(JSON.parse(JSON.stringify(props)) as { [key: string]: JavaScriptValue });
}

/** `urn:pulumi:stack::project::parent$type::name`; a name may itself contain `::`. */
function parseUrn(urn: string): { type: string; name: string } {
  const [, , qualified = "", ...name] = urn.split("::");
  return { type: qualified.split("$").at(-1) ?? "", name: name.join("::") };
}
