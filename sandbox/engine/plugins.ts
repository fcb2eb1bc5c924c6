import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import type { RunResult } from "../host/processes";
import { together } from "../host/together";
import { installPlugin } from "./bundle";
import { lastingIn, type Offer, type Starting } from "./lasting";
import { installOfficial } from "./official";
import type { Engine } from "./resolve";

const PROJECT = join(__dirname, "..", "..");
/** The vendor's plugins that the program uses, and where what can stand in for each lies. */
const PROVIDERS = { aws: "aws", postgresql: "postgres" } as const;

/** The sandbox that they are installed in. */
interface Around extends Starting {
  readonly dir: string;
  pulumi(
    args: readonly string[],
    options: { readonly cwd: string; readonly env: Readonly<Record<string, string>> },
  ): Promise<RunResult>;
}

/**
 * Installs what an engine starts by itself.
 *
 * @param official uses the vendor's resource plugins, which the engine downloads
 * @returns what commands are offered of a plugin that lasts; undefined where none does
 */
export async function installPlugins(
  sandbox: Around,
  engine: Engine,
  official: boolean,
): Promise<Offer | undefined> {
  const home = sandbox.env.PULUMI_HOME as string;
  const host = { kind: "language", name: "nodejs", version: engine.version } as const;
  const ownHost = engine.languageHost
    ? []
    : [installPlugin(home, { ...host, entry: join(__dirname, "language-host", "main.ts") })];
  let offer: Offer | undefined;
  const providers = Object.entries(PROVIDERS).map(async ([name, folder]) => {
    const version = installedVersion(`@pulumi/${name}`);
    if (official) {
      return installOfficial(home, { name, version }, (args, PULUMI_HOME) =>
        sandbox.pulumi(args, { cwd: sandbox.dir, env: { PULUMI_HOME } }),
      );
    }
    const entry = join(__dirname, "..", folder, "plugin", "main.ts");
    const program = await installPlugin(home, { kind: "resource", name, version, entry });
    // Most of what a rollout declares is AWS's.
    if (name === "aws") offer = lastingIn(sandbox, name, program);
  });
  await together([...ownHost, ...providers]);
  return offer;
}

/** The engine picks a plugin by the version of the SDK that asks for it. */
function installedVersion(name: string): string {
  // Beside the program, or beside the package that the program is part of.
  const file = createRequire(join(PROJECT, "package.json")).resolve(`${name}/package.json`);
  return (JSON.parse(readFileSync(file, "utf8")) as { version: string }).version;
}
