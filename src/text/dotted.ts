import { z } from "zod";

/** A key, or an item's number: nothing with which another language of paths would begin to ask. */
const KEY = "[^\\s.[\\](){}|*?&@`\"'!,<>=\\\\^]+";

/** Where in a JSON document something stands: keys and numbers of items, joined by dots. Nothing: the whole document. */
export const dotted = z
  .string()
  .regex(
    new RegExp(`^(?!\\$(\\.|$))(${KEY}(\\.${KEY})*)?$`),
    "keys joined by dots, such as data.flags: no JMESPath, and no brackets",
  );

/** The keys of a dotted path. */
export const keysIn = (path: string): string[] => path.split(".").filter((key) => key !== "");

/** The value at a dotted path of a JSON document; undefined where there is none. */
export function at(json: unknown, path: string): unknown {
  return keysIn(path).reduce<unknown>(
    (inner, key) =>
      typeof inner === "object" && inner !== null && Object.hasOwn(inner, key)
        ? (inner as Record<string, unknown>)[key]
        : undefined,
    json,
  );
}
