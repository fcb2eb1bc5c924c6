import { PATIENCE_MS } from "../service/rehearsed";
import { pipelineFor } from "./routing";

/** Users land where their place among a hundred says, whichever server they ask. Says who does not. */
export async function misrouted(urls: readonly string[], percent: number): Promise<string | undefined> {
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

/** Whether every server answers for v1 as it should by now. Says which does not. */
export async function v1Answers(
  urls: readonly string[],
  { status, announced }: { readonly status: number; readonly announced: boolean },
): Promise<string | undefined> {
  for (const url of urls) {
    const { status: got, headers } = await fetch(`${url}/process-full`, {
      signal: AbortSignal.timeout(PATIENCE_MS),
    });
    if (got !== status) return `${url} answers ${got}, not ${status}`;
    if (headers.has("sunset") !== announced || headers.has("deprecation") !== announced)
      return `${url} ${announced ? "does not announce" : "announces"} its end`;
  }
  return undefined;
}
