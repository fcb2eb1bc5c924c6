import type { RunRequest } from "@pulumi/pulumi/proto/language_pb";
import { parseOptions, type RuntimeOptions } from "./options";

/** What it takes to start Node for a program or a plugin. */
export interface NodeCommand {
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
}

/** The command that runs a Pulumi program through the SDK's own runner. */
export function programCommand(request: RunRequest, runner: string, engineAddress: string): NodeCommand {
  const info = request.getInfo();
  const options = parseOptions((info?.getOptions()?.toJavaScript() ?? {}) as Record<string, unknown>);
  const flag = (name: string, value: string | undefined) => (value ? [`--${name}`, value] : []);
  return {
    args: [
      ...options.nodeargs,
      runner,
      ...flag("monitor", request.getMonitorAddress()),
      ...flag("engine", engineAddress),
      ...flag("organization", request.getOrganization()),
      ...flag("project", request.getProject()),
      ...flag("root-directory", info?.getRootDirectory()),
      ...flag("stack", request.getStack()),
      ...flag("pwd", info?.getProgramDirectory()),
      ...(request.getDryrun() ? ["--dry-run"] : []),
      ...flag("parallel", String(request.getParallel())),
      info?.getEntryPoint() || ".",
      ...request.getArgsList(),
    ],
    env: {
      PULUMI_CONFIG: JSON.stringify(programConfig(request.getConfigMap().toArray() as [string, string][])),
      PULUMI_CONFIG_SECRET_KEYS: JSON.stringify(request.getConfigsecretkeysList()),
      ...typescriptEnv(options),
    },
  };
}

/** The SDK still expects the old form of the keys, `ns:config:name`, in the config that it is given. */
export function programConfig(entries: readonly (readonly [string, string])[]): Record<string, string> {
  return Object.fromEntries(
    entries.map(([key, value]) => {
      const parts = key.split(":");
      return [parts.length === 2 ? `${parts[0]}:config:${parts[1]}` : key, value];
    }),
  );
}

/** Switches the SDK's own TypeScript compiler on; left out, the SDK runs plain JavaScript. */
export function typescriptEnv(options: RuntimeOptions): Record<string, string> {
  return {
    ...(options.typescript ? { PULUMI_NODEJS_TYPESCRIPT: "true" } : {}),
    ...(options.tsconfig === undefined ? {} : { PULUMI_NODEJS_TSCONFIG_PATH: options.tsconfig }),
  };
}
