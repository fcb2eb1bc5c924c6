import { quoted } from "../text/command";
import { tokenVariable } from "../text/shell";
import { AGENT, authorized, type HttpRequest } from "./request";

/** Values that a shell holds in variables: how each is written into a path, and into JSON as a whole value. */
export interface ShellValues {
  /** Inside double quotes. Undefined for a name that is no variable's. */
  inText(name: string): string | undefined;
  inJson(name: string): string | undefined;
}

const NONE: ShellValues = { inText: () => undefined, inJson: () => undefined };

/** Options of curl that tell the status and the time beside the answer. */
export const TOLD = ["-w", quoted("%{stderr}http_code: %{http_code}\\ntime_total: %{time_total}\\n")];

/**
 * A request as a person types it: one line for `curl`, with the user agent of a gate's own.
 *
 * @param base where the service is reached
 * @param options of curl, beside those that the request needs
 */
export function curlLine(
  request: HttpRequest,
  base: string,
  options: readonly string[],
  values: ShellValues = NONE,
): string {
  const { method, path, as, body, url = base } = request;
  const address = `${url.replace(/\/+$/, "")}${path}`.replace(/[ "<>]/g, encodeURIComponent);
  return [
    "curl",
    "-sS",
    ...(globs(address, values) ? ["-g"] : []),
    "-A",
    AGENT,
    ...options,
    ...(method === "GET" ? [] : method === "HEAD" ? ["--head"] : ["-X", method]),
    inShell(address, values),
    ...(as === undefined ? [] : ["-H", `"Authorization: ${authorized(request, `$${tokenVariable(as)}`)}"`]),
    ...(body === undefined
      ? []
      : ["-H", quoted("Content-Type: application/json"), "-d", jsonInShell(body, values)]),
  ].join(" ");
}

const NAME = /\{([a-zA-Z][a-zA-Z0-9]*)\}/g;
/** In JSON, a text that is one name: it becomes the value itself, of its own type. */
const WHOLE = /"\{([a-zA-Z][a-zA-Z0-9]*)\}"/g;

/** Whether curl would take brackets or braces of an address for several addresses: it is told to take them as they are. */
function globs(address: string, values: ShellValues): boolean {
  const path = address.replace(/^https?:\/\/[^/?]*/, "");
  return /[[\]{}]/.test(
    path.replace(NAME, (braced, name: string) => (values.inText(name) === undefined ? braced : "")),
  );
}

/** A text as one word of a shell; what is in a variable is taken from there. */
function inShell(text: string, values: ShellValues, quote = quoted): string {
  return taken(
    text.split(NAME),
    (part) => quote(part),
    (name) => values.inText(name),
    (name) => quote(`{${name}}`),
  );
}

/** JSON as one word of a shell, in quotes whatever it is, so that its braces are never the shell's own. */
function jsonInShell(json: unknown, values: ShellValues): string {
  const always = (text: string) => `'${text.replaceAll("'", "'\\''")}'`;
  return taken(
    JSON.stringify(json).split(WHOLE),
    (part) => inShell(part, values, always),
    (name) => values.inJson(name),
    (name) => inShell(`"{${name}}"`, values, always),
  );
}

/** Parts and names in turn, as a split by names has them: a name is taken from its variable where it has one. */
function taken(
  split: readonly string[],
  plain: (part: string) => string,
  variable: (name: string) => string | undefined,
  unknown: (name: string) => string,
): string {
  return split
    .map((part, index) => {
      if (index % 2 === 0) return part === "" ? "" : plain(part);
      const held = variable(part);
      return held === undefined ? unknown(part) : `"${held}"`;
    })
    .join("");
}
