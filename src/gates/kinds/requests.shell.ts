import { quoted } from "../../text/command";
import { block } from "../../text/markdown";
import { type Asked, psql } from "../byHand";
import { curlLine, type ShellValues, TOLD } from "../curl";
import type { Hand } from "../hand";
import { placeholders } from "../placeholders";
import { namesRun, RUN, type Step } from "./requests.step";

/** The lines that a person types to look for themselves, in Markdown. */
export function shellLines(
  {
    known = {},
    steps,
  }: { readonly known?: Readonly<Record<string, Asked>> | undefined; readonly steps: readonly Step[] },
  { url }: { readonly url: string },
  hand: Pick<Hand, "schema">,
): string[] {
  const runs = namesRun(steps);
  const names = [
    ...(runs ? [RUN] : []),
    ...Object.keys(known),
    ...steps.flatMap(({ take }) => Object.keys(take ?? {})),
  ];
  const values = shellValues(names, steps);
  const lines = steps.flatMap((one) => stepLines(one, url, values));
  return block(
    "sh",
    [
      ...(lines.some((line) => line.includes(`${FIND} `)) ? [FINDS] : []),
      ...(runs ? [`${RUN}=$(date +%s)`] : []),
      ...Object.entries(known).map(([name, one]) => `${name}=$(${psql(one, hand)})`),
      ...lines,
    ].join("\n"),
  );
}

function stepLines(one: Step, url: string, values: ReturnType<typeof shellValues>): string[] {
  const taken = Object.entries(one.take ?? {});
  const line = curlLine(one, url, [...(one.headers ? ["-D", "/dev/stderr"] : []), ...TOLD], values);
  if (taken.length === 0 && one.value === undefined) return [line];
  return [
    `ANSWER=$(${line})`,
    ...taken.map(([name, path]) => `${name}=$(${found(path, values, values.isJson(name))})`),
    // What holds by its status alone may have no body to be read.
    ...(one.orStatus ? [`# status ${one.orStatus.join(" or ")}: it holds, whatever its body`] : []),
    ...(one.value === undefined ? [] : [found(one.value, values, true)]),
  ];
}

/**
 * A function of the shell, for expressions that jq does not know: the Python package is part of boto3. It is given the
 * expression as a file: one that holds the ids of a thousand items is longer than an argument may be (128 KiB).
 */
const FIND = "jmespath";
const FINDS = `${FIND}() { python3 -c 'import jmespath, json, sys; print(json.dumps(jmespath.search(open(sys.argv[1]).read(), json.load(sys.stdin))))' <(printf %s "$1") <<<"$ANSWER"; }`;

/** A plain path is read by jq, anything else by the function. */
function found(path: string, values: ShellValues, asJson: boolean): string {
  if (/^[A-Za-z_]\w*(\.[A-Za-z_]\w*)*$/.test(path))
    return `jq ${asJson ? "-c" : "-er"} .${path} <<<"$ANSWER"`;
  return `${FIND} ${expressionWord(path, values)}${asJson ? "" : " | jq -r ."}`;
}

/** An expression as one word of a shell; a value stands in it as a literal. */
function expressionWord(path: string, values: ShellValues): string {
  return path
    .split(/`\{([a-zA-Z][a-zA-Z0-9]*)\}`/)
    .map((part, index) => {
      if (index % 2 === 0) return part === "" ? "" : quoted(part);
      return `'\`'"${values.inJson(part)}"'\`'`;
    })
    .join("");
}

/**
 * How values are held: as JSON where a body or an expression needs their type, else as they are, for paths. What is
 * needed both ways is held as JSON, and read out of it for the path.
 */
function shellValues(
  names: readonly string[],
  steps: readonly Step[],
): ShellValues & { isJson(name: string): boolean } {
  const typed = new Set(
    steps.flatMap(({ body, value, take }) => [
      ...[...JSON.stringify(body ?? {}).matchAll(/"\{([a-zA-Z][a-zA-Z0-9]*)\}"/g)].map(([, name]) => name),
      ...[value, ...Object.values(take ?? {})].flatMap((one) => placeholders(one ?? "")),
    ]),
  );
  return {
    isJson: (name) => typed.has(name),
    inText: (name) =>
      !names.includes(name) ? undefined : typed.has(name) ? `$(jq -r . <<<"$${name}")` : `$${name}`,
    inJson: (name) => (names.includes(name) ? `$${name}` : undefined),
  };
}
