import { z } from "zod";
import { anything, ask, type Host, PAGE } from "./host";

/** Where notes go, and as whom. */
export interface MergeRequest {
  /** Base URL of the API with its version, such as https://gitlab.com/api/v4. */
  readonly api: string;
  /** The project's number, or its path. */
  readonly project: string;
  /** The merge request's number within the project (`iid`). */
  readonly number: number;
  /** A project access token: a job's own token may not write notes. */
  readonly token: string;
}

/** GitLab takes 1,000,000 characters in a note. */
const LIMIT = 1_000_000;

const user = z.object({ id: z.number() });
const notes = z.array(
  z.object({
    id: z.number(),
    body: z.string().nullish(),
    system: z.boolean().nullish(),
    author: user.nullish(),
  }),
);

/** The notes of a merge request. Its own are those of the account that the token is of. */
export function gitlab({ api: url, project, number, token }: MergeRequest): Host {
  const api = { url, headers: { accept: "application/json", "private-token": token } };
  const path = `/projects/${encodeURIComponent(project)}/merge_requests/${number}/notes`;
  let account: number | undefined;
  return {
    name: "GitLab",
    where: `project ${project} !${number}`,
    limit: LIMIT,
    async page(page, timeoutMs) {
      account ??= (await ask(api, "GET", "/user", user, { timeoutMs })).id;
      const query = `?per_page=${PAGE}&page=${page}&sort=asc&order_by=created_at`;
      const found = await ask(api, "GET", `${path}${query}`, notes, { timeoutMs });
      return {
        comments: found.map(({ id, body, system, author }) => ({
          id,
          body: body ?? "",
          own: system !== true && author?.id === account,
        })),
        last: found.length < PAGE,
      };
    },
    async create(body, timeoutMs) {
      await ask(api, "POST", path, anything, { timeoutMs, body: { body } });
    },
    async update(id, body, timeoutMs) {
      await ask(api, "PUT", `${path}/${id}`, anything, { timeoutMs, body: { body } });
    },
    remedy(status) {
      if (status === 401) return "Make a project access token that has not expired, and set GITLAB_TOKEN";
      if (status === 403)
        return "Give the token the scope api and the role Reporter: CI_JOB_TOKEN has neither";
      if (status === 404)
        return "Check CI_PROJECT_ID and CI_MERGE_REQUEST_IID, and that the token is of this project";
      return "Run the job again";
    },
  };
}
