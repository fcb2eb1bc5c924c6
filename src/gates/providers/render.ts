import { z } from "zod";
import type { Provider } from "./provider";

const answer = z.array(z.object({ id: z.string(), createdAt: z.string(), url: z.string().nullish() }));

/**
 * Its exports: what it keeps to go back to a moment tells no time that could be held against a promotion.
 *
 * Source: api-docs.render.com, "List exports" (GET /postgres/{postgresId}/export). One has a URL once it is there.
 */
export const render: Provider = {
  title: "Render",
  url: "https://api.render.com",
  project: { pattern: /^dpg-[a-z0-9]{10,32}-[a-z]$/, words: "a database's id, such as dpg-cabc123456789-a" },
  path: (project) => `/v1/postgres/${project}/export`,
  isOf: (project, { host }) =>
    host === project || (host.startsWith(`${project}.`) && host.endsWith("-postgres.render.com")),
  read(json) {
    const { success, data } = answer.safeParse(json);
    if (!success) return undefined;
    return data.map(({ createdAt, url }) => ({ at: createdAt, state: url ? "completed" : "under way" }));
  },
};
