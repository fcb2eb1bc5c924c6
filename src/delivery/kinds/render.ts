import { z } from "zod";
import { secretName } from "../../aws/secretName";
import { base } from "../../text/target";
import { type DeliveryKind, jsonOf, type Reach, type Request } from "../kind";
import { carriesFields } from "../schema";
import { tokenProblem } from "../token";

export const render = z
  .strictObject({
    kind: z.literal("render"),
    service: z
      .string()
      .regex(/^(srv|crn)-[a-z0-9]{10,32}$/, "a service's id such as srv-cabc123456789")
      .meta({ description: "The service whose environment it is.", examples: ["srv-cabc123456789"] }),
    secret: secretName("an API key of Render"),
    url: base.default("https://api.render.com/v1").meta({ description: "Render's API." }),
    ...carriesFields,
  })
  .meta({ description: "A service on Render: its environment variables by the API, and a deploy." });
export type RenderConfig = z.infer<typeof render>;

/**
 * Source: api-docs.render.com, "Retrieve environment variable", "Add or update environment variable", "Trigger deploy",
 * "Retrieve deploy". A variable that was changed by the API reaches servers by a deploy, and not by a restart.
 */
export const renderKind: DeliveryKind<RenderConfig> = {
  title: "Render",
  // A deploy without a build takes its instances' start and health check; a build some minutes more.
  within: "10m",
  place: ({ service }) => `service ${service}`,
  secretProblem: tokenProblem,
  open({ url, service }, secret, reach) {
    const at = `${url}/services/${service}`;
    const ask = asking(secret, reach);
    return {
      read: async (names) =>
        Object.fromEntries(
          await Promise.all(
            names.map(async (name) => [name, (await ask.found(`${at}/env-vars/${name}`, variable))?.value]),
          ),
        ),
      write: async (name, value) => {
        await ask.json({ method: "PUT", url: `${at}/env-vars/${name}`, body: JSON.stringify({ value }) });
      },
      restart: async () => {
        // What runs is to start anew as it is: no newer commit comes along with a flag.
        const body = JSON.stringify({ deployMode: "deploy_only" });
        return deploy.parse(await ask.json({ method: "POST", url: `${at}/deploys`, body })).id;
      },
      progress: async (start) => {
        const { status } = deploy.parse(await ask.json({ method: "GET", url: `${at}/deploys/${start}` }));
        if (status === "live") return { kind: "done" };
        return UNDER_WAY.includes(status)
          ? { kind: "running" }
          : { kind: "failed", why: `its deploy is ${status}` };
      },
    };
  },
  // Source: api-docs.render.com, "Retrieve service". A variable that is not there answers as a service that is not.
  async lacks({ url, service }, secret, reach) {
    const found = await asking(secret, reach).found(`${url}/services/${service}`, running);
    if (found === undefined) return `there is no service ${service}, or the key is of another workspace`;
    return found.suspended === "suspended"
      ? `the service ${service} is suspended: nothing is deployed`
      : undefined;
  },
};

const running = z.object({ suspended: z.string().optional() });
const deploy = z.object({ id: z.string(), status: z.string() });
const variable = z.object({ key: z.string(), value: z.string() });
const UNDER_WAY = ["created", "queued", "build_in_progress", "pre_deploy_in_progress", "update_in_progress"];

function asking(secret: string, { ask }: Reach) {
  const headers = {
    authorization: `Bearer ${secret}`,
    accept: "application/json",
    "content-type": "application/json",
  };
  const json = async (request: Omit<Request, "headers">) =>
    jsonOf(renderKind.title, await ask({ ...request, headers }));
  return {
    json,
    /** What is there; undefined where nothing is. */
    async found<T>(url: string, schema: z.ZodType<T>): Promise<T | undefined> {
      const answer = await ask({ method: "GET", url, headers });
      return answer.status === 404 ? undefined : schema.parse(jsonOf(renderKind.title, answer));
    },
  };
}
