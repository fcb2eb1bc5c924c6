import { isMap, isScalar, parseDocument, visit } from "yaml";
import { HELD_TO } from "../src/promotion/recorded";

/** What Pulumi marks a secret with, in an export. Source: Pulumi's SDK, `resource.SigKey` and `resource.SecretSig`. */
const SIGNATURE = "4dabf18193072939515e22adb298388d";
const SECRET = "1b47061264138c4ac30d75fd1eb44270";

/**
 * What stands in place of every secret: an address that nobody has (RFC 2606), so that it is none where one is asked for, and
 * neither a password nor a token of anything.
 */
export const WITHHELD = "https://withheld.invalid/";

/** The key that a stack is encrypted with, as its stack file names it. */
export interface StackKey {
  readonly encryptionsalt?: string | undefined;
  readonly secretsprovider?: string | undefined;
  readonly encryptedkey?: string | undefined;
}

/**
 * A stack's export, its secrets shown, as a preview may have it: what was a secret still is one, and has the shape that it had,
 * but for what it said. Whoever imports it encrypts that with `key`.
 */
export function withheldState(exported: unknown, key: StackKey): unknown {
  const { deployment, ...rest } = exported as { deployment?: object };
  const secrets_providers =
    key.encryptedkey === undefined
      ? { type: "passphrase", state: { salt: key.encryptionsalt } }
      : { type: "cloud", state: { url: key.secretsprovider, encryptedkey: key.encryptedkey } };
  return { ...rest, deployment: { ...(withheld(deployment ?? {}) as object), secrets_providers } };
}

function withheld(value: unknown, key?: string): unknown {
  if (Array.isArray(value)) return value.map((one) => withheld(one));
  if (typeof value !== "object" || value === null) return value;
  const one = value as Readonly<Record<string, unknown>>;
  if (one[SIGNATURE] !== SECRET)
    return Object.fromEntries(Object.entries(one).map(([name, of]) => [name, withheld(of, name)]));
  if (typeof one.plaintext !== "string")
    throw new Error("a secret is exported as what it is encrypted to, and not as what it is");
  // Of the secrets, the one that is none: it is kept from displays, for its length. Definitions hold no secret.
  if (key === HELD_TO) return one;
  return { [SIGNATURE]: SECRET, plaintext: JSON.stringify(blank(JSON.parse(one.plaintext))) };
}

/** The shape of a value. A text that is JSON keeps it as well: what a program makes of its parts has to look the same. */
function blank(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(blank);
  switch (typeof value) {
    case "string":
      return isObject(value) ? JSON.stringify(blank(JSON.parse(value))) : WITHHELD;
    case "number":
      return 0;
    case "boolean":
      return false;
    default:
      return value === null
        ? null
        : Object.fromEntries(
            // A login's name stands in the state of its role as well, in plain.
            Object.entries(value as object).map(([name, of]) => [name, LOGIN.test(name) ? of : blank(of)]),
          );
  }
}

const LOGIN = /^user(?:name)?$/;

function isObject(text: string): boolean {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null;
  } catch {
    return false;
  }
}

/** The nodes above a key's own value: the document, its map, `config`, that one's map, the key. */
const TOP = 5;
/** What of a stack file only the key of the stack opens. */
const KEYS = ["encryptionsalt", "encryptedkey", "secretsprovider", "environment"];

/**
 * A stack file as a preview's engine may have it: nothing in it is encrypted. What is encrypted among the provider's settings for
 * AWS is not there, since a preview has a role of its own.
 */
export function withheldConfig(text: string): string {
  const document = parseDocument(text);
  if (isMap(document.contents)) for (const key of KEYS) document.delete(key);
  const config = document.get("config");
  if (isMap(config))
    for (const { key, value } of [...config.items])
      if (isScalar(key) && String(key.value).startsWith("aws:") && isSecure(value)) config.delete(key.value);
  let further = 0;
  visit(document, {
    Map: (_, map, path) => {
      if (!isSecure(map)) return undefined;
      // Two addresses of one topic stay two.
      return document.createNode(path.length > TOP ? `${WITHHELD}${++further}` : WITHHELD);
    },
  });
  return document.toString();
}

function isSecure(value: unknown): boolean {
  return isMap(value) && value.items.length === 1 && value.has("secure");
}
