import { type ChildProcess, spawn } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parseDocument } from "yaml";
import { initCommand } from "../../cli/init/run";
import { merge } from "../../cli/sandbox/project";
import { declaredPlace } from "../../sandbox/postgres/reach";
import type { TestServer } from "./postgres";

/**
 * Declares a rollout `shop` below a folder, with the stage `new`, whose data are a test's server's and whose dumps lie in the
 * folder `dumps` beside it.
 *
 * @param stage what its stage says beyond that
 */
export async function declareShop(
  root: string,
  { connection }: Pick<TestServer, "connection">,
  { stage = {}, backup = {} }: { readonly stage?: object; readonly backup?: object } = {},
): Promise<void> {
  const folder = join(root, "shop");
  await initCommand({
    ...{ folder, name: "shop", flags: ["NEW"], writes: ["NEW"], stages: "new", tables: ["orders"] },
    database: `127.0.0.1:${connection.port}/ops`,
    backup: join(root, "dumps"),
    print: () => {},
  });
  edit(join(folder, "Pulumi.baseline.yaml"), {
    "cutover:rollout": { database: declaredPlace(connection), backup },
  });
  edit(join(folder, "Pulumi.new.yaml"), { "cutover:stage": stage });
}

function edit(file: string, config: object): void {
  const document = parseDocument(readFileSync(file, "utf8"));
  merge(document, ["config"], config);
  writeFileSync(file, document.toString());
}

const CUTOVER = ["bootstrap.mjs", "main.ts"].map((name) => join(__dirname, "..", "..", "cli", name));

/** A command that was typed. */
interface TypedCommand {
  readonly child: ChildProcess;
  /** With its exit code. */
  readonly ended: Promise<number | null>;
  /** What it printed so far. */
  readonly said: () => string;
}

/** Types a command of cutover, as a process of its own. */
export function typeCutover(
  args: readonly string[],
  env: Readonly<Record<string, string | undefined>>,
): TypedCommand {
  const child = spawn(process.execPath, [...CUTOVER, ...args], {
    env: { ...process.env, ...env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let said = "";
  for (const stream of [child.stdout, child.stderr])
    stream.on("data", (text) => {
      said += text;
    });
  return { child, said: () => said, ended: new Promise((resolve) => child.once("close", resolve)) };
}
