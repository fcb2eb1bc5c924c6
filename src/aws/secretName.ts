import { z } from "zod";

/** A secret by its name. What looks like the key itself would stand in files and state for everybody to read. */
export function secretName(holds: string) {
  return z
    .string()
    .regex(/^[\w/+=.@-]{1,512}$/, "the name of a secret in Secrets Manager, such as search/pagerduty")
    .refine(
      (text) => !/^[A-Za-z0-9]{32,}$/.test(text),
      "the name of a secret, and this looks like a key itself: keep it in Secrets Manager, revoke this one, and write the secret's name",
    )
    .meta({
      description: `Name of the secret in Secrets Manager, in the rollout's region, whose text is ${holds}. It is read anew for each message, so a rotated one counts at once.`,
      examples: ["search/pagerduty"],
    });
}
