import * as grpc from "@grpc/grpc-js";
import { AnalyzerService } from "@pulumi/pulumi/proto/analyzer_grpc_pb";
import type { AnalyzerStackConfigureRequest } from "@pulumi/pulumi/proto/analyzer_pb";
import { AnalyzerHandshakeResponse, AnalyzerStackConfigureResponse } from "@pulumi/pulumi/proto/analyzer_pb";
import { listen, serverOf, UNLIMITED, unary } from "../../host/grpc";

export interface StackConfiguration {
  readonly organization: string;
  readonly project: string;
  readonly stack: string;
  readonly dryRun: boolean;
  readonly config: Readonly<Record<string, string>>;
}

type Unary = grpc.handleUnaryCall<unknown, unknown>;
type Method = grpc.MethodDefinition<unknown, unknown>;

const METHODS = AnalyzerService as unknown as Readonly<Record<string, Method>>;

/** A method whose messages are passed on unread: each resource comes by in several of them. */
function asItIs(method: Method): Method {
  const same = (bytes: unknown) => bytes as Buffer;
  return {
    ...method,
    requestSerialize: same,
    requestDeserialize: same,
    responseSerialize: same,
    responseDeserialize: same,
  };
}

const PASSED = Object.fromEntries(Object.entries(METHODS).map(([name, method]) => [name, asItIs(method)]));

/**
 * Stands between the engine and a policy pack. A pack reads its stack and config from its environment
 * as soon as it loads, but the engine tells them in a call to the running pack: so this answers that
 * first call itself, lets the pack be started with what it learned, and then passes every call on.
 */
export class PolicyProxy {
  readonly #server: grpc.Server;
  /** What the engine configured; undefined where the pack runs for no stack, as when it is published. */
  readonly configured: Promise<StackConfiguration | undefined>;
  #configure: (stack: StackConfiguration | undefined) => void = () => {};
  readonly #pack: Promise<grpc.Client>;
  #attach: (pack: grpc.Client) => void = () => {};
  #abandon: (error: Error) => void = () => {};
  #stackRequest: AnalyzerStackConfigureRequest | undefined;

  constructor() {
    this.configured = new Promise((resolve) => {
      this.#configure = resolve;
    });
    this.#pack = new Promise((resolve, reject) => {
      this.#attach = resolve;
      this.#abandon = reject;
    });
    this.#pack.catch(() => {});
    const handlers = Object.fromEntries(
      Object.entries(PASSED).map(([name, method]): [string, Unary] => [name, this.#forward(method)]),
    );
    const handshake = unary(async () => new AnalyzerHandshakeResponse());
    const configureStack = unary(async (request: AnalyzerStackConfigureRequest) => {
      this.#stackRequest = request;
      this.#configure({
        organization: request.getOrganization(),
        project: request.getProject(),
        stack: request.getStack(),
        dryRun: request.getDryRun(),
        config: Object.fromEntries(request.getConfigMap().toArray()),
      });
      return new AnalyzerStackConfigureResponse();
    });
    const read = { handshake: METHODS.handshake, configureStack: METHODS.configureStack };
    this.#server = serverOf({ ...PASSED, ...read }, { ...handlers, handshake, configureStack });
  }

  /** Listens on loopback; returns the port. */
  listen(): Promise<number> {
    return listen(this.#server);
  }

  /** Passes calls on to the pack from now on, including those that have waited for it. */
  async attach(port: number): Promise<void> {
    const pack = new grpc.Client(`127.0.0.1:${port}`, grpc.credentials.createInsecure(), UNLIMITED);
    // The pack keeps the stack's tags from this call.
    if (this.#stackRequest !== undefined) {
      await ask(pack, METHODS.configureStack as Method, this.#stackRequest);
    }
    this.#attach(pack);
  }

  /** The pack has ended, or never came up: whoever waits for it is told. */
  close(reason: string): void {
    this.#abandon(new Error(reason));
    this.#configure(undefined);
    this.#server.forceShutdown();
  }

  #forward(method: Method): Unary {
    return unary(async (request) => {
      // Publishing asks for the pack's policies without configuring a stack first.
      this.#configure(undefined);
      return ask(await this.#pack, method, request);
    });
  }
}

function ask(client: grpc.Client, method: Method, request: unknown): Promise<unknown> {
  return new Promise((resolve, reject) => {
    client.makeUnaryRequest(
      method.path,
      method.requestSerialize,
      method.responseDeserialize,
      request,
      (error, response) => (error ? reject(error) : resolve(response)),
    );
  });
}
