import { z } from "zod";
import { type Answered, type Asked, parsed } from "../host/http";
import { bearerOf, type Hosted, json } from "./platform";

/** The stand-in's only service, and its API key. */
export const RENDER = { service: "srv-cabc123456789defgh", key: "rnd_standin0123456789abcdef" } as const;

const value = z.strictObject({ value: z.string() });
const deploy = z.strictObject({
  clearCache: z.enum(["clear", "do_not_clear"]).optional(),
  commitId: z.string().optional(),
  imageUrl: z.string().optional(),
  deployMode: z.enum(["deploy_only", "build_and_deploy"]).optional(),
});

/**
 * Answers as Render's API, for one service. Unknown fields are refused here. Source: api-docs.render.com, "Retrieve
 * service", "Retrieve environment variable", "Add or update environment variable", "Trigger deploy", "Retrieve deploy".
 */
export function render(
  hosted: Hosted,
  asked: Asked,
  { service: own }: { readonly service: string } = RENDER,
): Answered {
  if (bearerOf(asked) !== RENDER.key) return json(401, { id: "unauthorized", message: "Unauthorized" });
  const [, service, part, id] =
    /^\/services\/([^/]+)(?:\/(env-vars|deploys)(?:\/([^/]+))?)?$/.exec(asked.path) ?? [];
  if (service !== own) return json(404, { id: "not_found", message: "service not found" });
  if (part === undefined && asked.method === "GET")
    return json(200, { id: service, name: "worker", type: "web_service", suspended: "not_suspended" });
  if (part === "env-vars" && id !== undefined) return variable(hosted, asked, decodeURIComponent(id));
  if (part === "deploys") return id === undefined ? begin(hosted, asked) : progress(hosted, id);
  return json(404, { id: "not_found", message: "not found" });
}

function variable(hosted: Hosted, { method, body }: Asked, key: string): Answered {
  if (method === "GET") {
    const held = hosted.variables.get(key);
    return held === undefined
      ? json(404, { id: "not_found", message: "env var not found" })
      : json(200, { key, value: held });
  }
  if (method !== "PUT") return json(405, { id: "method_not_allowed", message: "method not allowed" });
  const read = value.safeParse(parsed(body));
  if (!read.success) return json(400, { id: "bad_request", message: z.prettifyError(read.error) });
  const throttled = hosted.throttle();
  if (throttled) return throttled;
  hosted.set(key, read.data.value);
  return json(200, { key, value: read.data.value });
}

function begin(hosted: Hosted, { method, body }: Asked): Answered {
  if (method !== "POST") return json(405, { id: "method_not_allowed", message: "method not allowed" });
  const read = deploy.safeParse(parsed(body));
  if (!read.success) return json(400, { id: "bad_request", message: z.prettifyError(read.error) });
  const throttled = hosted.throttle();
  if (throttled) return throttled;
  const id = `dep-${String(hosted.starts.length).padStart(16, "0")}`;
  hosted.start(id);
  return json(201, { id, status: "created", trigger: "api" });
}

const STATUS = { starting: "update_in_progress", live: "live", failed: "update_failed" } as const;

function progress(hosted: Hosted, id: string): Answered {
  const state = hosted.stateOf(id);
  return state === undefined
    ? json(404, { id: "not_found", message: "deploy not found" })
    : json(200, { id, status: STATUS[state], trigger: "api" });
}
