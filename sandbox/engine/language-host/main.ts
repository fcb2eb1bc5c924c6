import { type ChildProcess, spawn } from "node:child_process";
import { createRequire } from "node:module";
import { join } from "node:path";
import type { Readable } from "node:stream";
import * as grpc from "@grpc/grpc-js";
import { LanguageRuntimeService } from "@pulumi/pulumi/proto/language_grpc_pb";
import * as language from "@pulumi/pulumi/proto/language_pb";
import { PluginInfo } from "@pulumi/pulumi/proto/plugin_pb";
import { Empty } from "google-protobuf/google/protobuf/empty_pb";
import { messageOf } from "../../host/errors";
import { listen, serverOf, unary } from "../../host/grpc";
import { ANALYZER, pluginCommand, pluginRunner } from "./plugin";
import { PolicyProxy } from "./policy-proxy";
import { type NodeCommand, programCommand } from "./program";

/** Set at the top of the plugin's file to the version of the engine that this host stands beside. */
declare const ENGINE_VERSION: string;
/** Set there, too: where `spare.cjs` lies. */
declare const SPARE: string;

/** The SDK's runner ends with this code when it has already told the user what went wrong. */
const ALREADY_REPORTED = 32;

type Stream<Q, R> = grpc.ServerWritableStream<Q, R>;

let engineAddress = process.argv.slice(2).findLast((arg) => !arg.startsWith("-")) ?? "";
const children = new Set<ChildProcess>();

/**
 * A language host for Node, for engines that come without the vendor's `pulumi-language-nodejs`: the
 * engine starts it, reads its port, and asks it to run programs and policy packs, which it does through
 * the runners of the project's own @pulumi/pulumi.
 */
const service = {
  handshake: unary(async (request: language.LanguageHandshakeRequest) => {
    engineAddress = request.getEngineAddress();
    return new language.LanguageHandshakeResponse();
  }),

  getPluginInfo: unary(async () => new PluginInfo().setVersion(ENGINE_VERSION)),

  // None: the engine finds the plugins that a program asks for as it goes.
  getRequiredPackages: unary(async () => new language.GetRequiredPackagesResponse()),
  getRequiredPlugins: unary(async () => new language.GetRequiredPluginsResponse()),
  getProgramDependencies: unary(async () => new language.GetProgramDependenciesResponse()),

  about: unary(async () =>
    new language.AboutResponse().setExecutable(process.execPath).setVersion(process.version),
  ),

  run: unary(async (request: language.RunRequest, call) => {
    const response = new language.RunResponse();
    try {
      const directory = request.getInfo()?.getProgramDirectory() ?? request.getPwd();
      const runner = locate("@pulumi/pulumi/cmd/run", directory);
      const command = programCommand(request, runner, engineAddress);
      const child = start(command, { env: process.env, cwd: process.cwd() });
      call.on("cancelled", () => child.kill("SIGINT"));
      child.stdout?.pipe(process.stdout, { end: false });
      child.stderr?.pipe(process.stderr, { end: false });
      const code = await ended(child);
      if (code === ALREADY_REPORTED) response.setBail(true);
      else if (code !== 0) response.setError(`Program exited with non-zero exit code: ${code}`);
    } catch (error) {
      response.setError(messageOf(error));
    }
    return response;
  }),

  runPlugin(call: Stream<language.RunPluginRequest, language.RunPluginResponse>): void {
    runPlugin(call).then(
      () => call.end(),
      (error: unknown) => call.emit("error", { code: grpc.status.UNKNOWN, details: messageOf(error) }),
    );
  },

  /** Dependencies come from the project's lock file, before any engine starts. */
  installDependencies(call: Stream<unknown, unknown>): void {
    call.end();
  },

  cancel: unary(async () => {
    for (const child of children) child.kill("SIGINT");
    return new Empty();
  }),
};

async function runPlugin(call: Stream<language.RunPluginRequest, language.RunPluginResponse>): Promise<void> {
  const request = call.request;
  const isPack = request.getKind() === ANALYZER;
  const directory = request.getInfo()?.getProgramDirectory() ?? request.getProgram();
  const runner = locate(pluginRunner(request.getKind()), directory);
  const toStdout = (chunk: Buffer) => call.write(new language.RunPluginResponse().setStdout(chunk));
  const toStderr = (chunk: Buffer) => call.write(new language.RunPluginResponse().setStderr(chunk));

  const proxy = isPack ? new PolicyProxy() : undefined;
  if (proxy !== undefined) {
    call.on("cancelled", () => proxy.close("the engine has gone"));
    toStdout(Buffer.from(`${await proxy.listen()}\n`));
  }
  const stack = await proxy?.configured;
  if (call.cancelled) return;
  const child = start(pluginCommand(request, runner, stack, SPARE), {
    env: {},
    cwd: isPack ? directory : request.getPwd(),
  });
  call.on("cancelled", () => child.kill("SIGTERM"));
  child.stderr?.on("data", toStderr);
  if (proxy === undefined) child.stdout?.on("data", toStdout);
  else void firstLine(child.stdout, toStdout).then((port) => proxy.attach(Number(port)));

  const code = await ended(child);
  proxy?.close(`the policy pack ended with exit code ${code}`);
  call.write(new language.RunPluginResponse().setExitcode(code));
}

/** The first line that a plugin prints is its port; the rest is passed on as it comes. */
function firstLine(stream: Readable | null, rest: (chunk: Buffer) => void): Promise<string> {
  return new Promise((resolve) => {
    let seen = Buffer.alloc(0);
    let found = false;
    stream?.on("data", (chunk: Buffer) => {
      if (found) return rest(chunk);
      seen = Buffer.concat([seen, chunk]);
      const end = seen.indexOf("\n");
      if (end === -1) return;
      found = true;
      resolve(seen.subarray(0, end).toString("utf8"));
      if (end + 1 < seen.length) rest(seen.subarray(end + 1));
    });
  });
}

function start(command: NodeCommand, base: { env: NodeJS.ProcessEnv; cwd: string }): ChildProcess {
  const child = spawn(process.execPath, command.args, {
    cwd: base.cwd,
    env: { ...base.env, ...command.env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  children.add(child);
  child.once("close", () => children.delete(child));
  return child;
}

/** Waits for "close", not "exit": what the child has printed last must not be lost. */
function ended(child: ChildProcess): Promise<number> {
  return new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("close", (code) => resolve(code ?? 1));
  });
}

/** Finds a runner of the SDK that the program itself uses; a second copy would not share its state. */
function locate(module: string, directory: string): string {
  try {
    return createRequire(join(directory, "noop.js")).resolve(module);
  } catch {
    throw new Error(`@pulumi/pulumi is not installed for ${directory}; run npm ci there first`);
  }
}

process.on("exit", () => {
  for (const child of children) child.kill("SIGKILL");
});

void listen(serverOf(LanguageRuntimeService, service)).then((port) => console.log(String(port)));
