import { z } from "zod";
import { GITHUB_LIMIT } from "../../src/text/marker";
import { type Api, anything, ask, type Host, PAGE } from "./host";

/** Where comments go, and as whom. */
export interface PullRequest {
  /** Base URL of the API, such as https://api.github.com. */
  readonly api: string;
  /** `owner/name`. */
  readonly repository: string;
  readonly number: number;
  readonly token: string;
}

const comments = z.array(
  z.object({
    id: z.number(),
    body: z.string().nullish(),
    user: z.object({ type: z.string() }).nullish(),
  }),
);

/** GitHub's API of a repository, `owner/name`. */
export function githubApi(base: string, repository: string, token: string): Api {
  return {
    url: `${base}/repos/${repository}`,
    headers: {
      accept: "application/vnd.github+json",
      authorization: `Bearer ${token}`,
      "x-github-api-version": "2022-11-28",
    },
  };
}

/** The comments of a pull request. Its own are those of a bot: an action's token posts as one. */
export function github({ api: base, repository, number, token }: PullRequest): Host {
  const of = githubApi(base, repository, token);
  const api = { ...of, url: `${of.url}/issues` };
  return {
    name: "GitHub",
    where: `${repository} #${number}`,
    limit: GITHUB_LIMIT,
    async page(page, timeoutMs) {
      const path = `/${number}/comments?per_page=${PAGE}&page=${page}`;
      const found = await ask(api, "GET", path, comments, { timeoutMs });
      return {
        comments: found.map(({ id, body, user }) => ({ id, body: body ?? "", own: user?.type === "Bot" })),
        last: found.length < PAGE,
      };
    },
    async create(body, timeoutMs) {
      await ask(api, "POST", `/${number}/comments`, anything, { timeoutMs, body: { body } });
    },
    async update(id, body, timeoutMs) {
      await ask(api, "PATCH", `/comments/${id}`, anything, { timeoutMs, body: { body } });
    },
    remedy(status) {
      if (status === 401 || status === 403)
        return "Give the job permissions: pull-requests: write, which a run for a fork never has";
      if (status === 404)
        return "Check GITHUB_REPOSITORY and PULL_REQUEST, and that the token may see the repository";
      return "Run the job again";
    },
  };
}
