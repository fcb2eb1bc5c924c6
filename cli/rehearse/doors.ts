import { release, short } from "../../src/text/command";
import { runCutover, statusOf } from "./command";
import { untilSo } from "./pace";
import { checkStep, type Stage, wrongFlags } from "./steps";
import type { ServedFlags } from "./world";

export interface KeptStep {
  /** The stage that is aborted by hand. */
  readonly stack: string;
  /** The flags that stay as they are. */
  readonly flags: ServedFlags;
  /** Why, as the command's answer says. */
  readonly says: RegExp;
}

/** An abort by hand behind a door: it ends well, lowers nothing, and says what stays and why. */
export function keptStep(stage: Stage, { stack, flags, says }: KeptStep): Promise<void> {
  const { world } = stage;
  return checkStep(
    stage,
    `${short.ofStage("abort", stack)}, behind the door: every flag stays, and the answer says why`,
    async () => {
      const { code, stdout, stderr } = await runCutover(world, ["abort", "-s", stack, "--reason", "by hand"]);
      if (code !== 0) return `it ended with ${code}: ${stderr.trim() || stdout.trim()}`;
      if (!says.test(stdout)) return `it does not say ${says.source}: ${stdout.trim()}`;
      return wrongFlags(flags, (await world.servedFlags())[0] ?? {}).join("; ") || undefined;
    },
  );
}

/** What a row froze: status tells of it by the row, until somebody releases it. */
export async function frozenStep(stage: Stage, rollout: string, row: string): Promise<void> {
  const { world } = stage;
  const held = async () => {
    const { attention } = await statusOf(world);
    return attention.some(({ what }) => what.startsWith(`is held by ${row} `));
  };
  await checkStep(
    stage,
    `${row} holds the rollout, as cutover status says, until it is released`,
    async () => {
      const told = await untilSo(async () => (await held()) || undefined, world.sandbox.closing);
      if (!told) return `cutover status tells of no hold by ${row}`;
      const { code, stdout, stderr } = await runCutover(world, [
        "release",
        "--reason",
        "looked at, and mended",
      ]);
      if (code !== 0) return `${release({ rollout })} ended with ${code}: ${stderr.trim() || stdout.trim()}`;
      return (await held()) ? `it is still held by ${row} after the release` : undefined;
    },
  );
}
