import { z } from "zod";

/**
 * A path of a server, below the base path that its URL may have. Throws where it leads to another server:
 * `//other.example/…` is a path to whoever writes it, and an address to whoever sends it a token.
 */
export function addressOf(base: string, path: string): URL {
  const { origin, pathname } = new URL(base);
  const url = new URL(`${pathname.replace(/\/+$/, "")}${path}`, origin);
  if (url.origin !== origin) throw new Error(`the path ${path} leads away from the service`);
  return url;
}

/** Whether a path is still below the base path of a server's URL once its `..` and `%2e%2e` are followed. */
export const isBelow = (base: string, path: string): boolean =>
  addressOf(base, path).pathname.startsWith(addressOf(base, "/").pathname);

/** A path of whichever server it is added to. */
export const pathBelow = z
  .string()
  .startsWith("/", "a path that begins with /")
  .refine(
    (path) => !/\p{Cc}/u.test(path),
    "a path on one line: no line break and no tab (in YAML, >- leaves none at its end)",
  )
  .refine(staysBelow, "a path of the server that is asked: this one leads to another");

function staysBelow(path: string): boolean {
  try {
    return addressOf("https://server.invalid", path).pathname !== "";
  } catch {
    return false;
  }
}

/** What a server is called in reports and evidence: its host, and the base path where it has one. */
export function serverName(base: string): string {
  const { host, pathname } = new URL(base);
  return `${host}${pathname.replace(/\/+$/, "")}`;
}
