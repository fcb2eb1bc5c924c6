import { z } from "zod";
import { type Answered, type Asked, parsed } from "../host/http";
import { bearerOf, type Hosted, json } from "./platform";

/** The stand-in's only project, its team, and an access token. */
export const VERCEL = {
  project: "prj_standin0123456789",
  team: "team_standin0123456789",
  token: "standin0123456789abcdefg",
} as const;
/** Whose project it stands in for. */
type Owned = Readonly<{ project: string; team?: string | undefined }>;

/** What its project is called. */
const NAME = "web";
/** The deployment that was live before any delivery. */
const FIRST = "dpl_first";

const set = z.strictObject({
  key: z.string().min(1),
  value: z.string(),
  type: z.enum(["plain", "encrypted", "sensitive", "secret", "system"]),
  target: z.array(z.enum(["production", "preview", "development"])).min(1),
  gitBranch: z.string().nullable().optional(),
  comment: z.string().max(500).optional(),
});
const created = z.strictObject({
  name: z.string().min(1),
  deploymentId: z.string().optional(),
  target: z.enum(["production", "staging"]).optional(),
  project: z.string().optional(),
  withLatestCommit: z.boolean().optional(),
});

const error = (status: number, code: string, message: string) => json(status, { error: { code, message } });

/**
 * Answers as Vercel's REST API, for one project. Unknown fields are refused here. Source:
 * vercel.com/docs/rest-api, the pages that `src/delivery/kinds/vercel.ts` names.
 */
export function vercel(hosted: Hosted, asked: Asked, own: Owned = VERCEL): Answered {
  const { pathname, searchParams } = new URL(asked.path, "http://localhost");
  if (bearerOf(asked) !== VERCEL.token) return error(403, "forbidden", "Not authorized");
  if (searchParams.get("teamId") !== (own.team ?? null))
    return error(403, "forbidden", "You don't have permission to access this resource.");
  const [, project, id] = /^\/v(?:9|10)\/projects\/([^/]+)\/env(?:\/([^/]+))?$/.exec(pathname) ?? [];
  if (project !== undefined)
    return project === own.project
      ? variables(hosted, asked, pathname.startsWith("/v9/"), searchParams, id)
      : error(404, "not_found", "Project not found");
  if (pathname === "/v6/deployments" && asked.method === "GET") return listed(hosted, searchParams, own);
  if (pathname === "/v13/deployments" && asked.method === "POST") return begin(hosted, asked, searchParams);
  const [, deployment] = /^\/v13\/deployments\/([^/]+)$/.exec(pathname) ?? [];
  if (deployment !== undefined && asked.method === "GET") return progress(hosted, deployment);
  return error(404, "not_found", "Not found");
}

const idOf = (key: string) => `env_${Buffer.from(key).toString("hex")}`;

function variables(
  hosted: Hosted,
  { method, body }: Asked,
  isV9: boolean,
  query: URLSearchParams,
  id: string | undefined,
): Answered {
  if (method === "GET" && id === undefined)
    return json(200, {
      envs: [
        // One of preview's own has the same key, and is left alone.
        { id: "env_preview", key: "READ", value: "preview", type: "plain", target: ["preview"] },
        ...[...hosted.variables].map(([key, value]) => ({
          ...{ id: idOf(key), key, value, type: "plain", target: ["production"], gitBranch: null },
        })),
      ],
    });
  const read = set.safeParse(parsed(body));
  if (!read.success) return error(400, "bad_request", z.prettifyError(read.error));
  const { key, value } = read.data;
  const throttled = hosted.throttle();
  if (throttled) return throttled;
  if (method === "PATCH" && isV9 && id !== undefined) {
    if (idOf(key) !== id || !hosted.variables.has(key))
      return error(404, "not_found", "Environment Variable not found");
    hosted.set(key, value);
    return json(200, { id, key, value, type: "plain", target: ["production"] });
  }
  if (method !== "POST" || isV9 || id !== undefined) return error(404, "not_found", "Not found");
  if (hosted.variables.has(key) && query.get("upsert") !== "true")
    return error(
      400,
      "ENV_ALREADY_EXISTS",
      `A variable with the name \`${key}\` already exists for the target production`,
    );
  hosted.set(key, value);
  return json(201, {
    created: { id: idOf(key), key, value, type: "plain", target: ["production"] },
    failed: [],
  });
}

function listed(hosted: Hosted, query: URLSearchParams, { project }: Owned): Answered {
  if (query.get("projectId") !== project) return json(200, { deployments: [] });
  const ready = hosted.starts.filter(({ state }) => state === "live").map(({ id }) => id);
  const newest = [FIRST, ...ready].reverse().slice(0, Number(query.get("limit") ?? 20));
  return json(200, {
    deployments: newest.map((uid) => ({ uid, name: NAME, state: "READY", target: "production" })),
    pagination: { count: newest.length, next: null, prev: null },
  });
}

function begin(hosted: Hosted, { body }: Asked, query: URLSearchParams): Answered {
  const read = created.safeParse(parsed(body));
  if (!read.success) return error(400, "bad_request", z.prettifyError(read.error));
  const { deploymentId, target } = read.data;
  const known = [FIRST, ...hosted.starts.map(({ id }) => id)];
  if (deploymentId === undefined || !known.includes(deploymentId))
    return error(404, "deployment_not_found", "The deployment could not be found");
  if (target !== "production" || query.get("forceNew") !== "1")
    return json(200, { id: deploymentId, readyState: "READY", aliasAssigned: Date.now() });
  const throttled = hosted.throttle();
  if (throttled) return throttled;
  const id = `dpl_${hosted.starts.length}`;
  hosted.start(id);
  return json(200, { id, name: NAME, readyState: "QUEUED", aliasAssigned: null });
}

const STATE = { starting: "BUILDING", live: "READY", failed: "ERROR" } as const;

function progress(hosted: Hosted, id: string): Answered {
  const state = hosted.stateOf(id);
  if (state === undefined) return error(404, "not_found", "Deployment not found");
  return json(200, { id, readyState: STATE[state], aliasAssigned: state === "live" ? Date.now() : null });
}
