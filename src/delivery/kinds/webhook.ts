import { z } from "zod";
import { secretName } from "../../aws/secretName";
import { signatureOf } from "../../text/signature";
import { target } from "../../text/target";
import { type DeliveryKind, jsonOf } from "../kind";
import { carriesFields } from "../schema";

export const webhook = z
  .strictObject({
    kind: z.literal("webhook"),
    url: target.meta({
      description: "Where to: GET asks what it holds, PUT gives it variables, and both are signed.",
      examples: ["https://deploy.example.com/cutover/search"],
    }),
    secret: secretName("the key that requests are signed with, at least 16 characters"),
    ...carriesFields,
  })
  .meta({
    description: "Any other platform, by an endpoint of yours: JSON by HTTP, signed with HMAC-SHA256.",
  });
export type WebhookConfig = z.infer<typeof webhook>;

/** What an endpoint says of itself. */
const state = z.object({
  variables: z.record(z.string(), z.string()),
  /** Whether all servers run with them. */
  servers: z.enum(["running", "starting", "failed"]),
  why: z.string().max(300).optional(),
});

/** One endpoint in place of a platform's API: it is given variables one by one, as any other, and starts servers itself. */
export const webhookKind: DeliveryKind<WebhookConfig> = {
  title: "webhook",
  within: "5m",
  place: ({ url }) => `the endpoint at ${new URL(url).host}`,
  // An endpoint is where it is.
  isPlaceOf: () => true,
  // That it answers is what reading its variables tells.
  lacks: async () => undefined,
  secretProblem: (secret) => (secret.length >= 16 ? undefined : "is shorter than 16 characters"),
  open({ url }, secret, reach) {
    const ask = async (method: "GET" | "PUT" | "POST", sent?: object) => {
      const body = sent === undefined ? "" : JSON.stringify(sent);
      const headers = {
        "content-type": "application/json",
        "cutover-signature": signatureOf(`${method} ${body}`, secret, reach.now()),
      };
      return jsonOf(
        webhookKind.title,
        await reach.ask({ method, url, headers, ...(body === "" ? {} : { body }) }),
      );
    };
    const read = async () => state.parse(await ask("GET"));
    return {
      async read(names) {
        const { variables } = await read();
        return Object.fromEntries(
          names.flatMap((name) => (Object.hasOwn(variables, name) ? [[name, variables[name]]] : [])),
        );
      },
      async write(name, value) {
        await ask("PUT", { variables: { [name]: value } });
      },
      async restart() {
        await ask("POST", { restart: true });
        return String(reach.now());
      },
      async progress() {
        const { servers, why } = await read();
        if (servers === "failed") return { kind: "failed", why: why ?? "it does not say why" };
        return { kind: servers === "starting" ? "running" : "done" };
      },
    };
  },
};
