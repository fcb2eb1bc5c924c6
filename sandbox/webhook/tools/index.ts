import { pagerduty, ROUTING_KEY } from "./pagerduty";
import { render, supabase } from "./providers";
import { SIGNING_KEY, signed } from "./signed";
import { SLACK_PATH, slack } from "./slack";
import type { Tool } from "./tool";

/** The tools that one webhook stands in for, each below a path of its own. */
export const toolsHere = (): Readonly<Record<string, Tool>> => ({
  pagerduty: pagerduty(),
  slack,
  signed,
  // Who backs databases up is asked, and sent nothing.
  supabase,
  render,
});

/** What is set for a channel here, by its kind: where it is sent to, and the text of its secret. */
export function standInFor(
  kind: string,
  webhook: { readonly url: string },
): { readonly url?: string; readonly secret?: string } {
  switch (kind) {
    case "pagerduty":
      return { url: `${webhook.url}/pagerduty/v2/enqueue`, secret: ROUTING_KEY };
    case "slack":
      return { secret: `${webhook.url}/slack${SLACK_PATH}` };
    case "webhook":
      return { url: `${webhook.url}/signed`, secret: SIGNING_KEY };
    default:
      return {};
  }
}
