import { mkdir, rm, writeFile } from "node:fs/promises";
import { dirname, relative } from "node:path";
import { reasonOf } from "../../src/text/problem";
import { type Redact, secretsIn, secretsOut } from "../../src/text/redact";
import type { World } from "./world";

/** How many of the engine's last lines are shown: the rest of them is for whoever does not find the cause. */
const LAST = 5;

/** Takes out of a text what a rehearsal's world knows to be secret. */
export function redactIn({ sandbox, secrets }: Pick<World, "sandbox" | "secrets">): Redact {
  const { password, admin } = sandbox.postgres;
  return secretsOut({ secrets: [...secretsIn({ ...sandbox.env }), password, admin.password, ...secrets] });
}

/**
 * Keeps all that a run of `pulumi` printed in a file beside the timeline, which its owner alone reads, and which holds no
 * secret. Returns what is shown of it: its last lines, and where it is.
 */
export async function keepLog(
  { world, log }: { readonly world: Pick<World, "sandbox" | "secrets">; readonly log: string },
  output: string,
): Promise<string[]> {
  const text = redactIn(world)(output).trim();
  if (text === "") return ["pulumi printed nothing"];
  const lines = text.split("\n").filter((line) => line.trim() !== "");
  const last = lines.slice(-LAST).map((line) => `| ${line}`);
  try {
    await mkdir(dirname(log), { recursive: true });
    // One that is there already keeps its mode.
    await rm(log, { force: true });
    await writeFile(log, `${text}\n`, { mode: 0o600 });
  } catch (error) {
    return [`all that pulumi printed could not be kept: ${reasonOf(error)}; its last lines:`, ...last];
  }
  return [`all that pulumi printed is in ${relative(process.cwd(), log)}; its last lines:`, ...last];
}
