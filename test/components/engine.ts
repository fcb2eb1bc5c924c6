import { readFile } from "node:fs/promises";
import { credentials } from "@grpc/grpc-js";
import * as pulumi from "@pulumi/pulumi";
import { CallbacksClient } from "@pulumi/pulumi/proto/callback_grpc_pb";
import { CallbackInvokeRequest, type CallbackInvokeResponse } from "@pulumi/pulumi/proto/callback_pb";
import {
  type RegisterResourceHookRequest,
  type RegisterResourceRequest,
  ResourceHookRequest,
  ResourceHookResponse,
} from "@pulumi/pulumi/proto/resource_pb";
import { MockMonitor } from "@pulumi/pulumi/runtime/mocks";
import { Struct } from "google-protobuf/google/protobuf/struct_pb";

/** One resource, as the engine is asked for it. Resources are named `Type name`: some share a name. */
export interface Registration {
  readonly label: string;
  readonly type: string;
  readonly name: string;
  readonly urn: string;
  readonly inputs: Record<string, unknown>;
  readonly parent: string | undefined;
  /** What it waits for, by `dependsOn` or by its inputs. */
  readonly dependsOn: readonly string[];
  readonly ignoreChanges: readonly string[];
  readonly retainOnDelete: boolean;
  readonly protect: boolean;
  readonly additionalSecretOutputs: readonly string[];
  readonly createTimeout: string;
  readonly replacementTrigger: unknown;
  /** Names of the hooks, by when they run. Only what is there. */
  readonly hooks: Readonly<Record<string, readonly string[]>>;
}

export type State = Record<string, unknown>;

export interface Options {
  /** Whether resources are new or updated, which decides whose hooks run. Default: new. */
  readonly creates?: boolean;
  /** The stack's config. */
  readonly config?: Record<string, string>;
  readonly project?: string;
  readonly stack?: string;
  readonly preview?: boolean;
  /** Tells in `failure` what the program failed with, instead of failing with it. */
  readonly fails?: boolean;
}

export interface Declared {
  /** In the order in which they reached the engine. */
  readonly all: readonly Registration[];
  readonly labels: readonly string[];
  readonly outputs: Record<string, unknown>;
  /** The only resource with this label. Throws where there is none, or more. */
  one(label: string): Registration;
  /** By label: the order in which siblings reach the engine is nobody's promise. */
  ofType(type: string): Registration[];
  /** What hooks said that stop a step, by their names. The mock goes on nevertheless: the real engine would not. */
  readonly refusals: Readonly<Record<string, string>>;
  /** What the program failed with, where it was expected to. Mostly nothing of what it puts out is known then. */
  readonly failure?: unknown;
}

interface Run {
  readonly creates: boolean;
  readonly registrations: Registration[];
  readonly hooks: Map<string, RegisterResourceHookRequest>;
  readonly refusals: Record<string, string>;
}

let run: Run = newRun(false);
recordRequests();

/**
 * Runs a program against Pulumi's mocks, and returns what it asked the engine for. Taken from the requests
 * themselves: options and hooks never reach a mock's `newResource`.
 *
 * @param provider what the provider would put out beside the inputs
 */
export async function declare(
  program: () => object | undefined | Promise<object | undefined>,
  provider: (type: string, inputs: State, name: string) => State = () => ({}),
  {
    creates = true,
    config = {},
    project = "ops-view",
    stack = "stageB",
    preview = false,
    fails = false,
  }: Options = {},
): Promise<Declared> {
  run = newRun(creates);
  const current = run;
  await pulumi.runtime.setMocks(
    {
      newResource: ({ type, name, inputs }) => ({
        id: `${name}-id`,
        state: { ...inputs, ...provider(type, inputs, name) },
      }),
      call: ({ token, inputs }) => provider(token, inputs, token),
    },
    project,
    stack,
    preview,
    "organization",
  );
  pulumi.runtime.setAllConfig(config);
  const finish = () =>
    withoutFrames(async () => {
      const outputs = (await pulumi.runtime.runInPulumiStack(async () => program() ?? {})) as object;
      await pulumi.runtime.disconnect();
      return plain(outputs);
    });
  const { outputs = {}, failure } = fails ? await failureOf(finish) : { outputs: await finish() };
  const all = current.registrations.filter(({ type }) => type !== "pulumi:pulumi:Stack");
  return {
    all,
    labels: all.map(({ label }) => label),
    outputs: outputs as Record<string, unknown>,
    failure,
    one(label) {
      const [found, second] = all.filter((one) => one.label === label);
      if (!found || second)
        throw new Error(
          `${second ? "more than one" : "no"} ${label} in: ${all.map((one) => one.label).join(", ")}`,
        );
      return found;
    },
    ofType: (type) => all.filter((one) => one.type === type).sort((a, b) => a.label.localeCompare(b.label)),
    refusals: current.refusals,
  };
}

/**
 * The SDK takes several stack traces of each resource; mapping their frames to sources took most of the time of these
 * tests. An error thrown meanwhile keeps its message, and has no frames.
 */
async function withoutFrames<T>(work: () => Promise<T>): Promise<T> {
  const { prepareStackTrace, stackTraceLimit } = Error;
  Error.prepareStackTrace = (error) => String(error);
  Error.stackTraceLimit = 0;
  try {
    return await work();
  } finally {
    if (prepareStackTrace) Error.prepareStackTrace = prepareStackTrace;
    Error.stackTraceLimit = stackTraceLimit;
  }
}

/**
 * Runs what is expected to fail. Outputs that depend on a failed one reject without anybody waiting for them; a
 * Pulumi program ends by the first of these, whereas the test runner would take them for mistakes of the test.
 */
async function failureOf(work: () => Promise<unknown>): Promise<{ outputs?: unknown; failure?: unknown }> {
  const listeners = process.rawListeners("unhandledRejection") as NodeJS.UnhandledRejectionListener[];
  process.removeAllListeners("unhandledRejection");
  const rejections: unknown[] = [];
  // What waits for an output that failed never ends, where a real program has ended by then.
  const ended = new Promise<undefined>((resolve) => {
    process.on("unhandledRejection", (reason) => {
      rejections.push(reason);
      resolve(undefined);
    });
  });
  // Rejections come to light only after the microtasks of this turn.
  const turn = () => new Promise((resolve) => setTimeout(resolve, 50));
  try {
    const outputs = await Promise.race([work(), ended]);
    await turn();
    return { outputs, failure: rejections[0] };
  } catch (failure) {
    await turn();
    return { failure: rejections[0] ?? failure };
  } finally {
    process.removeAllListeners("unhandledRejection");
    for (const listener of listeners) process.on("unhandledRejection", listener);
  }
}

function newRun(creates: boolean): Run {
  return { creates, registrations: [], hooks: new Map(), refusals: {} };
}

function recordRequests(): void {
  type Register = (
    request: RegisterResourceHookRequest,
    done: (error: null, response: object) => void,
  ) => void;
  const engine = MockMonitor.prototype as MockMonitor & {
    registerResourceHook: Register;
    registerErrorHook: Register;
  };
  const { registerResource } = engine;
  engine.registerResource = async function (request: RegisterResourceRequest, done) {
    const { creates, registrations, hooks, refusals } = run;
    const registration = registrationOf(request);
    registrations.push(registration);
    for (const name of registration.hooks[creates ? "BeforeCreate" : "BeforeUpdate"] ?? []) {
      const refusal = await callBack(hooks.get(name), name, request.getObject());
      if (refusal !== undefined) refusals[name] = refusal;
    }
    return registerResource.call(this, request, done);
  };
  engine.registerErrorHook = engine.registerResourceHook = (request, done) => {
    run.hooks.set(request.getName(), request);
    done(null, {});
  };
}

/** Requests that the package's types leave out. */
interface NewerFields {
  getRetainondelete(): boolean;
  getReplacementTrigger(): { toJavaScript(): unknown } | undefined;
  getHooks(): Record<string, () => string[]> | undefined;
}

const HOOKS = [
  "BeforeCreate",
  "AfterCreate",
  "BeforeUpdate",
  "AfterUpdate",
  "BeforeDelete",
  "AfterDelete",
  "OnError",
];

function registrationOf(request: RegisterResourceRequest): Registration {
  const newer = request as unknown as NewerFields;
  const hooks = newer.getHooks();
  return {
    label: labelOf(request.getType(), request.getName()),
    type: request.getType(),
    name: request.getName(),
    urn: urnOf(request),
    inputs: pulumi.runtime.deserializeProperties(request.getObject() ?? new Struct()),
    parent: request.getParent() === "" ? undefined : labelOfUrn(request.getParent()),
    dependsOn: request.getDependenciesList().map(labelOfUrn).sort(),
    ignoreChanges: request.getIgnorechangesList(),
    retainOnDelete: newer.getRetainondelete() ?? false,
    protect: request.getProtect() ?? false,
    additionalSecretOutputs: request.getAdditionalsecretoutputsList(),
    createTimeout: request.getCustomtimeouts()?.getCreate() ?? "",
    replacementTrigger: newer.getReplacementTrigger()?.toJavaScript(),
    hooks: Object.fromEntries(
      HOOKS.flatMap((when): [string, string[]][] => {
        const names = hooks?.[`get${when}List`]?.() ?? [];
        return names.length > 0 ? [[when, names]] : [];
      }),
    ),
  };
}

/** With the types of all parents, as the engine makes it. */
function urnOf(request: RegisterResourceRequest): string {
  const [, , types = ""] = request.getParent().split("::");
  const parents = types === "" || types === "pulumi:pulumi:Stack" ? "" : `${types}$`;
  return `urn:pulumi:stack::project::${parents}${request.getType()}::${request.getName()}`;
}

function labelOf(type: string, name: string): string {
  return `${type.split(":").at(-1)} ${name}`;
}

function labelOfUrn(urn: string): string {
  const [, , types = "", name = ""] = urn.split("::");
  return types.endsWith("pulumi:pulumi:Stack") ? "Stack" : labelOf(types.split("$").at(-1) ?? "", name);
}

/** Runs a hook as the engine does. The error with which it would stop the step, if any. */
async function callBack(
  hook: RegisterResourceHookRequest | undefined,
  name: string,
  inputs: Struct | undefined,
): Promise<string | undefined> {
  const callback = hook?.getCallback();
  if (!callback) throw new Error(`no hook ${name} is registered`);
  const client = new CallbacksClient(callback.getTarget(), credentials.createInsecure());
  const request = new CallbackInvokeRequest()
    .setToken(callback.getToken())
    .setRequest(new ResourceHookRequest().setNewInputs(inputs).serializeBinary());
  try {
    const response = await new Promise<CallbackInvokeResponse>((resolve, reject) => {
      client.invoke(request, (error, answer) => (error ? reject(error) : resolve(answer)));
    });
    return ResourceHookResponse.deserializeBinary(response.getResponse_asU8()).getError() || undefined;
  } finally {
    client.close();
  }
}

/** Outputs as plain values, at any depth. Secrets are told apart by `isSecret`. */
function plain(value: unknown): Promise<unknown> {
  return new Promise((resolve) => void (pulumi.output(value) as pulumi.Output<unknown>).apply(resolve));
}

/** The value of a secret input; throws where it is not one. */
export function secretOf(value: unknown): unknown {
  if (!pulumi.runtime.isRpcSecret(value)) throw new Error("not a secret");
  return pulumi.runtime.unwrapRpcSecret(value);
}

/** What a function's archive holds, by file. */
export async function filesOf({ inputs }: Registration): Promise<Record<string, string>> {
  const { code } = inputs as { code: pulumi.asset.AssetArchive };
  const read = async (asset: pulumi.asset.FileAsset | pulumi.asset.StringAsset) =>
    "path" in asset ? readFile(await asset.path, "utf8") : asset.text;
  const files = Object.entries(await code.assets).map(async ([file, asset]) => [
    file,
    await read(asset as pulumi.asset.FileAsset | pulumi.asset.StringAsset),
  ]);
  return Object.fromEntries(await Promise.all(files));
}
