import { z } from "zod";
import { day } from "../../text/moment";
import type { MessageMap } from "./messages";

/** What is rolled out, as people call it. */
export const release = z
  .strictObject({
    version: z
      .string()
      .regex(/^[A-Za-z0-9][A-Za-z0-9._+-]{0,39}$/, "a version such as v2.54.1: at most 40 characters")
      .meta({ description: "The version of the release.", examples: ["v2.54.1"] }),
    date: day("2026-02-17").meta({ description: "The day of the release.", examples: ["2026-02-17"] }),
  })
  .meta({
    description:
      "The release that the rollout brings: told in messages, in the ledger, in the status, in the runbook and on the report page. A message's title and text name its version as `{release}`.",
  });

export type Release = Readonly<z.infer<typeof release>>;

/** `v2.54.1 of 2026-02-17`. */
export function showRelease({ version, date }: Release): string {
  return `${version} of ${date}`;
}

const PLACEHOLDER = "{release}";

/** Whether a text names the release, and still waits for it. */
export function namesRelease(text: string | undefined): boolean {
  return text?.includes(PLACEHOLDER) ?? false;
}

/** Messages with the release's version in their words. */
export function withRelease(messages: MessageMap, release: Release | undefined): MessageMap {
  if (!release) return messages;
  const fill = (text: string) => text.replaceAll(PLACEHOLDER, release.version);
  return Object.fromEntries(
    Object.entries(messages).map(([row, message]) => [
      row,
      {
        ...message,
        title: fill(message.title),
        ...(message.text === undefined ? {} : { text: fill(message.text) }),
      },
    ]),
  );
}
