import type { RunPluginRequest } from "@pulumi/pulumi/proto/language_pb";
import { parseOptions } from "./options";
import type { StackConfiguration } from "./policy-proxy";
import { type NodeCommand, typescriptEnv } from "./program";

export const ANALYZER = "analyzer";

/** The SDK's runner for a kind of plugin; policy packs have one of their own. */
export function pluginRunner(kind: string): string {
  return kind === ANALYZER ? "@pulumi/pulumi/cmd/run-policy-pack" : "@pulumi/pulumi/cmd/run-plugin";
}

/**
 * The command that runs a policy pack, or any other plugin that is written for Node.
 *
 * @param spare the file that leaves out what a pack's runner loads for nothing, absolute
 */
export function pluginCommand(
  request: RunPluginRequest,
  runner: string,
  stack: StackConfiguration | undefined,
  spare: string,
): NodeCommand {
  const info = request.getInfo();
  const options = parseOptions((info?.getOptions()?.toJavaScript() ?? {}) as Record<string, unknown>);
  const directory = info?.getProgramDirectory() ?? request.getProgram();
  const isPack = request.getKind() === ANALYZER;
  const env = Object.fromEntries(request.getEnvList().map(splitAtEquals));
  return {
    // The runner of policy packs wants the pack's folder last, that of other plugins first.
    args: [
      ...options.nodeargs,
      ...(isPack && !options.typescript ? ["--require", spare] : []),
      runner,
      ...(isPack ? [...request.getArgsList(), directory] : [directory, ...request.getArgsList()]),
    ],
    env: {
      ...env,
      ...typescriptEnv(options),
      // The runner always registers a type-checking ts-node, which costs seconds. A pack that asks for
      // no TypeScript compiler gets none: ts-node leaves what it ignores to the next loader (tsx).
      ...(options.typescript ? {} : { TS_NODE_IGNORE: "." }),
      ...(stack === undefined ? {} : stackEnv(stack)),
    },
  };
}

/** How a policy pack learns which stack it judges, before its first line runs. */
function stackEnv(stack: StackConfiguration): Record<string, string> {
  return {
    PULUMI_NODEJS_ORGANIZATION: stack.organization,
    PULUMI_NODEJS_PROJECT: stack.project,
    PULUMI_NODEJS_STACK: stack.stack,
    PULUMI_NODEJS_DRY_RUN: String(stack.dryRun),
    PULUMI_CONFIG: JSON.stringify(stack.config),
  };
}

function splitAtEquals(entry: string): [string, string] {
  const at = entry.indexOf("=");
  return at === -1 ? [entry, ""] : [entry.slice(0, at), entry.slice(at + 1)];
}
