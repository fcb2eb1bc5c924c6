import { z } from "zod";
import { secretName } from "../../aws/secretName";
import { base } from "../../text/target";
import { type DeliveryKind, jsonOf, type Reach, type Request } from "../kind";
import { carriesFields } from "../schema";
import { tokenProblem } from "../token";

export const vercel = z
  .strictObject({
    kind: z.literal("vercel"),
    project: z
      .string()
      .regex(/^(?!\.{1,2}$)[a-z0-9_.-]{1,100}$/i, "a project's id or name")
      .meta({ description: "The project, by its id or its name.", examples: ["prj_12345"] }),
    team: z
      .string()
      .regex(/^team_\w{8,64}$/, "a team's id such as team_12345678")
      .optional()
      .meta({ description: "The team that owns it. Default: the token's own account." }),
    secret: secretName("an access token of Vercel"),
    url: base.default("https://api.vercel.com").meta({ description: "Vercel's API." }),
    ...carriesFields,
  })
  .meta({
    description:
      "A project on Vercel: its production variables by the API, and its production deployment built anew with them.",
  });
export type VercelConfig = z.infer<typeof vercel>;

const listed = z.object({
  envs: z.array(
    z.object({
      id: z.string(),
      key: z.string(),
      value: z.string().optional(),
      type: z.string(),
      target: z.union([z.array(z.string()), z.string()]).optional(),
      gitBranch: z.string().nullish(),
    }),
  ),
});
const deployments = z.object({ deployments: z.array(z.object({ uid: z.string(), name: z.string() })) });
const deployment = z.object({
  id: z.string(),
  readyState: z.string(),
  aliasAssigned: z.unknown().optional(),
});
const RUNNING = ["QUEUED", "INITIALIZING", "BUILDING"];

/**
 * Source: vercel.com/docs/rest-api, "Retrieve the environment variables of a project by id or name", "Create one or more
 * environment variables", "Edit an environment variable", "List deployments", "Create a new deployment", "Get a deployment".
 * A deployment keeps the variables that it was built with, so a change of one reaches nobody until the next is live.
 */
export const vercelKind: DeliveryKind<VercelConfig> = {
  title: "Vercel",
  // Building a Next.js app takes minutes, on a free machine of Vercel's after a queue.
  within: "15m",
  place: ({ project, team }) => `project ${project}${team === undefined ? "" : ` of ${team}`}`,
  // Source: vercel.com/docs/rest-api: a project's id is one alone, and its name is one of its team's.
  isPlaceOf: (one, other) => {
    if (one.project !== other.project) return false;
    if (one.project.startsWith("prj_") || one.team === other.team) return true;
    // Whose account a token is of, config does not say.
    return one.team === undefined || other.team === undefined ? "unsure" : false;
  },
  secretProblem: tokenProblem,
  open(config, secret, reach) {
    const { project } = config;
    const ask = asking(config, secret, reach);
    const own = async () => {
      const { envs } = listed.parse(await ask("GET", `/v10/projects/${project}/env`));
      return envs.filter(({ target, gitBranch }) => [target].flat().includes("production") && !gitBranch);
    };
    return {
      async read(names) {
        const envs = (await own()).filter(({ key }) => names.includes(key));
        // Only of a plain one the list has the value itself; what no API tells counts as other, and is written anew.
        return Object.fromEntries(
          envs.map(({ key, value, type }) => [key, type === "plain" ? value : undefined]),
        );
      },
      async write(key, value) {
        // One that holds for preview, too, is left to it: production gets its own.
        const there = (await own()).find((one) => one.key === key && [one.target].flat().length === 1);
        const set = { key, value, type: "plain", target: ["production"] };
        if (there) await ask("PATCH", `/v9/projects/${project}/env/${there.id}`, {}, set);
        else await ask("POST", `/v10/projects/${project}/env`, { upsert: "true" }, set);
      },
      async restart() {
        const live = await liveOf(config, ask);
        if (!live) throw new Error(noDeployment(config));
        const body = { name: live.name, deploymentId: live.uid, target: "production", project };
        return deployment.parse(await ask("POST", "/v13/deployments", { forceNew: "1" }, body)).id;
      },
      async progress(start) {
        const { readyState, aliasAssigned } = deployment.parse(await ask("GET", `/v13/deployments/${start}`));
        if (RUNNING.includes(readyState)) return { kind: "running" };
        if (readyState !== "READY") return { kind: "failed", why: `its deployment is ${readyState}` };
        // Ready is not yet live: its addresses are given to it afterwards.
        return aliasAssigned ? { kind: "done" } : { kind: "running" };
      },
    };
  },
  async lacks(config, secret, reach) {
    return (await liveOf(config, asking(config, secret, reach))) ? undefined : noDeployment(config);
  },
};

/** The deployment that is built anew: the newest that is live in production. */
async function liveOf({ project }: VercelConfig, ask: ReturnType<typeof asking>) {
  const query = { projectId: project, target: "production", state: "READY", limit: "1" };
  return deployments.parse(await ask("GET", "/v6/deployments", query)).deployments[0];
}

const noDeployment = ({ project }: VercelConfig) =>
  `${project} has no production deployment that could be built anew`;

function asking({ url, team }: VercelConfig, secret: string, reach: Reach) {
  return async (
    method: Request["method"],
    path: string,
    query: Record<string, string> = {},
    body?: object,
  ): Promise<unknown> => {
    const asked = { ...query, ...(team === undefined ? {} : { teamId: team }) };
    const search = new URLSearchParams(asked).toString();
    return jsonOf(
      vercelKind.title,
      await reach.ask({
        method,
        url: `${url}${path}${search === "" ? "" : `?${search}`}`,
        headers: { authorization: `Bearer ${secret}`, "content-type": "application/json" },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      }),
    );
  };
}
