import { pipelineFor } from "../../sandbox/demo/v2-pipeline/routing";
import { PATIENCE_MS } from "./pace";
import { checkStep, type Stage } from "./steps";
import type { PipelineWorld } from "./v2-pipeline-world";

/** Users land where their place among a hundred says, whichever server they ask. */
export async function routedCheck(stage: Stage<PipelineWorld>, percent: number): Promise<void> {
  const { urls } = stage.world.fleet;
  await checkStep(stage, `at ${percent} % every user has one pipeline, on every server`, async () => {
    const users = Array.from({ length: 20 }, (_, index) => `user-${index}`);
    const odd = await Promise.all(
      users.flatMap((user) =>
        urls.map(async (url) =>
          (await landsOn(url, user)) === pipelineFor(user, percent) ? [] : [`${user} at ${url}`],
        ),
      ),
    );
    const wrong = odd.flat();
    return wrong.length > 0 ? `not so for ${wrong.slice(0, 3).join(", ")}` : undefined;
  });
}

async function landsOn(url: string, user: string): Promise<string | undefined> {
  const answer = await fetch(`${url}/process`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ user, file: "check.csv" }),
    signal: AbortSignal.timeout(PATIENCE_MS),
  });
  return ((await answer.json()) as { data?: { pipeline: string } }).data?.pipeline;
}

/** Whether every server answers for v1 as it should by now. */
export async function v1Check(
  stage: Stage<PipelineWorld>,
  name: string,
  status: number,
  announced: boolean,
): Promise<void> {
  await checkStep(stage, name, async () => {
    for (const url of stage.world.fleet.urls) {
      const { status: got, headers } = await fetch(`${url}/process-full`, {
        signal: AbortSignal.timeout(PATIENCE_MS),
      });
      if (got !== status) return `${url} answers ${got}, not ${status}`;
      if (headers.has("sunset") !== announced || headers.has("deprecation") !== announced)
        return `${url} ${announced ? "does not announce" : "announces"} its end`;
    }
    return undefined;
  });
}
