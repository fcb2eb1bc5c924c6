import { execFile } from "node:child_process";
import { cpSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { PROJECT } from "../sandbox/support";

/** Where the Node kit's sources are. */
export const KIT = join(PROJECT, "kit", "node");

/** Puts the Node kit into an app's `node_modules`, as npm would install it. */
export async function installKit(app: string): Promise<void> {
  const installed = join(app, "node_modules", "cutover-kit");
  mkdirSync(installed, { recursive: true });
  cpSync(join(KIT, "package.json"), join(installed, "package.json"));
  const tsc = join(PROJECT, "node_modules", "typescript", "bin", "tsc");
  const args = [tsc, "-p", join(KIT, "tsconfig.build.json"), "--outDir", join(installed, "dist")];
  await promisify(execFile)(process.execPath, args);
}
