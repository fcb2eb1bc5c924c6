import { z } from "zod";
import { text } from "./common";

/** A name of DNS without the dot of its root: names of services are compared, and certificates have none. */
export function withoutRoot(host: string): string {
  return host.startsWith("/") ? host : host.replace(/(?<=.)\.$/, "");
}

/** Another name of a database than the one that a backup's origin tells of, and what makes it one. */
export const reachedAs = (example: string) =>
  z.strictObject({
    host: text.min(1).overwrite(withoutRoot).describe("The host, as `database.host` has it."),
    because: text
      .min(10)
      .max(300)
      .meta({ description: "What makes it a name of that database.", examples: [example] }),
  });
