import { mkdir } from "node:fs/promises";
import { dirname, join } from "node:path";
import { EXIT } from "../exit";
import { previewCommand } from "../preview/run";
import { PROGRAM } from "../sandbox/project";
import { checkStep, type Stage } from "./steps";

/** Where the comment of the blocked stage is written, beside the project. */
const COMMENT_FILE = join(PROGRAM, ".cutover", "preview-stageB.md");

/** Writes the pull request comment of stage B while it is blocked, with the command that people and workflows use. */
export async function commentStep(stage: Stage): Promise<void> {
  const { sandbox, project } = stage.world;
  await checkStep(stage, "cutover preview of stageB writes .cutover/preview-stageB.md", async () => {
    await mkdir(dirname(COMMENT_FILE), { recursive: true });
    const printed: string[] = [];
    const code = await previewCommand({
      stage: "stageB",
      folder: project.folder,
      markdown: COMMENT_FILE,
      env: sandbox.env,
      print: (line) => printed.push(line),
      say: () => {},
    });
    return code === EXIT.blocked ? undefined : `it ended with ${code}, not blocked: ${printed.join("; ")}`;
  });
}
