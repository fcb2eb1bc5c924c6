import { quoted } from "../text/command";
import { tokenVariable } from "../text/shell";
import type { HttpRequest } from "./request";

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
 * A request as a person types it: one line for `curl`.
 *
 * @param url where the service is reached
 * @param options of curl, beside those that the request needs
 */
export function curlLine(
  { method, path, as, body }: HttpRequest,
  url: string,
  options: readonly string[],
  values: ShellValues = NONE,
): string {
  return [
    "curl",
    ...options,
    ...(method === "GET" ? [] : method === "HEAD" ? ["--head"] : ["-X", method]),
    inShell(`${url.replace(/\/+$/, "")}${path}`, values),
    ...(as === undefined ? [] : ["-H", `"Authorization: Bearer $${tokenVariable(as)}"`]),
    ...(body === undefined
      ? []
      : ["-H", quoted("Content-Type: application/json"), "-d", jsonInShell(body, values)]),
  ].join(" ");
}

const NAME = /\{([a-zA-Z][a-zA-Z0-9]*)\}/;

/** A text as one word of a shell; what is in a variable is taken from there. */
function inShell(text: string, values: ShellValues): string {
  return text
    .split(new RegExp(NAME.source, "g"))
    .map((part, index) => {
      if (index % 2 === 0) return part === "" ? "" : quoted(part);
      const held = values.inText(part);
      return held === undefined ? quoted(`{${part}}`) : `"${held}"`;
    })
    .join("");
}

/** JSON as one word of a shell. A text that is one name becomes the value itself, of its own type. */
function jsonInShell(json: unknown, values: ShellValues): string {
  const WHOLE = /"\{([a-zA-Z][a-zA-Z0-9]*)\}"/g;
  return JSON.stringify(json)
    .split(WHOLE)
    .map((part, index) => {
      if (index % 2 === 0) return part === "" ? "" : always(part, values);
      const held = values.inJson(part);
      return held === undefined ? always(`"{${part}}"`, values) : `"${held}"`;
    })
    .join("");
}

/** In quotes whatever it is, so that braces of JSON are never the shell's own. */
function always(text: string, values: ShellValues): string {
  return text
    .split(new RegExp(NAME.source, "g"))
    .map((part, index) => {
      if (index % 2 === 0) return part === "" ? "" : `'${part.replaceAll("'", "'\\''")}'`;
      const held = values.inText(part);
      return held === undefined ? `'{${part}}'` : `"${held}"`;
    })
    .join("");
}
