import { delimiter } from "node:path";
import { UserError } from "../../src/text/problem";

/** How an environment can be printed. */
export type Format = "sh" | "dotenv" | "json";

type Env = Readonly<Record<string, string | undefined>>;

/** What a reader's own shell must not bring along: it would lead to an account, a backend or a database of theirs. */
const ELSEWHERE = /^(AWS_|PULUMI_|PG[A-Z])[A-Z0-9_]*$/;

/**
 * Prints what a sandbox exports for whoever reads it.
 *
 * @param exported see `exportedIn`
 * @param reader the environment that it is added to
 */
export function printedAs(format: Format, exported: Readonly<Record<string, string>>, reader: Env): string {
  if (format === "sh") return shell(exported, reader);
  const { PATH: before, NO_PROXY: _, ...plain } = exported;
  const path = [...parts(before), ...parts(reader.PATH).filter((part) => !parts(before).includes(part))];
  const whole = { ...plain, ...noProxy(exported, reader), PATH: path.join(delimiter) };
  if (format === "json") return `${JSON.stringify(whole, null, 2)}\n`;
  return Object.entries(whole)
    .map(([name, value]) => `${name}=${inDotenv(name, value)}\n`)
    .join("");
}

/** Lines for `eval` in any POSIX shell; they may be evaluated again. */
function shell(exported: Readonly<Record<string, string>>, reader: Env): string {
  const { PATH: before, NO_PROXY: _, ...plain } = exported;
  const foreign = Object.keys(reader).filter((name) => ELSEWHERE.test(name) && !Object.hasOwn(plain, name));
  const all = { ...plain, ...noProxy(exported, reader) };
  return [
    ...(foreign.length > 0 ? [`unset ${foreign.sort().join(" ")}`] : []),
    ...Object.entries(all).map(([name, value]) => `export ${name}=${inShell(value)}`),
    // The last first, so that they stand in their order. The reader's PATH is only known where this is evaluated.
    ...parts(before)
      .reverse()
      .map(
        (part) =>
          `case ":$PATH:" in *:${inShell(part)}:*) ;; *) export PATH=${inShell(part)}:"$PATH" ;; esac`,
      ),
  ]
    .map((line) => `${line}\n`)
    .join("");
}

function noProxy(exported: Env, reader: Env): Record<string, string> {
  const hosts = [reader.no_proxy ?? reader.NO_PROXY ?? "", exported.NO_PROXY ?? ""].flatMap((list) =>
    list.split(",").map((host) => host.trim()),
  );
  const value = [...new Set(hosts.filter(Boolean))].join(",");
  // Programs differ in which of the two they read.
  return { NO_PROXY: value, no_proxy: value };
}

function parts(path: string | undefined): string[] {
  return (path ?? "").split(delimiter).filter(Boolean);
}

/** One word that no shell looks into. */
function inShell(value: string): string {
  return `'${value.replaceAll("'", "'\\''")}'`;
}

/** Without quotes where none are needed: some readers of such files, Docker among them, take quotes for a part of the value. */
function inDotenv(name: string, value: string): string {
  if (/^[\w@%+=:,./?&~-]*$/.test(value)) return value;
  if (!/['\n\r]/.test(value)) return `'${value}'`;
  if (!/["\\$`\n\r]/.test(value)) return `"${value}"`;
  throw new UserError("The environment cannot be written as dotenv:", [
    {
      where: name,
      what: "holds quotes or lines that readers of such files take differently",
      remedy: "Take it with --format json, or --format sh",
    },
  ]);
}
