import { mkdir } from "node:fs/promises";
import { dirname, relative } from "node:path";
import { EXIT } from "../exit";
import { previewCommand } from "../preview/run";
import { type Cause, checkStep, type Stage } from "./steps";

/**
 * Writes the pull request comment of a stage while it is blocked, with the command that people and workflows use.
 *
 * @param file where it is written
 * @param during what is wrong meanwhile
 */
export async function commentStep(stage: Stage, stack: string, file: string, during?: Cause): Promise<void> {
  const { sandbox, project } = stage.world;
  await checkStep(stage, `cutover preview of ${stack} writes ${relative(process.cwd(), file)}`, async () => {
    await mkdir(dirname(file), { recursive: true });
    const printed: string[] = [];
    await during?.pull();
    const code = await previewCommand({
      stage: stack,
      folder: project.folder,
      markdown: file,
      env: sandbox.env,
      print: (line) => printed.push(line),
      say: () => {},
    }).finally(() => during?.release());
    return code === EXIT.blocked ? undefined : `it ended with ${code}, not blocked: ${printed.join("; ")}`;
  });
}
