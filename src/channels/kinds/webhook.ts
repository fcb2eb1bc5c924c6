import { z } from "zod";
import { secretName } from "../../aws/secretName";
import { signatureOf } from "../../text/signature";
import { target } from "../../text/target";
import { type ChannelKind, judgeStatus, posted, topics } from "../kind";
import { pageKeyOf, traitsOf } from "../notification";

/** The header that carries the signature. */
const SIGNATURE = "cutover-signature";

export const webhook = z
  .strictObject({
    kind: z.literal("webhook"),
    topics,
    url: target.meta({ description: "Where to, by POST.", examples: ["https://hooks.example.com/cutover"] }),
    secret: secretName("the key that requests are signed with, at least 16 characters"),
  })
  .meta({ description: "Any other tool: JSON by HTTP, signed with HMAC-SHA256." });
export type WebhookConfig = z.infer<typeof webhook>;

export const webhookKind: ChannelKind<WebhookConfig> = {
  title: "webhook",
  tells: "whatever answers there says whom it wakes",
  secretProblem: (secret) => (secret.length >= 16 ? undefined : "is shorter than 16 characters"),
  render(message, { config: { url }, secret, now }) {
    const { kind, id, headline, title, at, rollout, stage, row, region, alarm, fields, lines, links } =
      message;
    const { severity, page } = traitsOf(kind);
    const body = JSON.stringify({
      version: 1,
      ...{ id, kind, severity, action: ACTION[page] },
      ...{ key: pageKeyOf(message), headline, title, at, rollout, stage, row, region, alarm },
      ...{ fields, lines, links },
    });
    return [
      posted(url, body, {
        // The same for each try: whoever keeps it takes a message once.
        "idempotency-key": id,
        [SIGNATURE]: signatureOf(body, secret, now),
      }),
    ];
  },
  judge: judgeStatus,
};

const ACTION = {
  alarm: "page",
  own: "page",
  resolve: "resolve",
  acknowledge: "acknowledge",
  none: "inform",
} as const;
