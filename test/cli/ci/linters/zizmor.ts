import { join } from "node:path";
import { pythonWith } from "../../../support/python";
import { run } from "./run";

const REQUIREMENTS = join(__dirname, "requirements.txt");

interface Finding {
  readonly ident: string;
  readonly desc: string;
  readonly locations: readonly {
    readonly symbolic: { readonly key: { readonly Local?: { readonly verbatim_path?: string } } };
    readonly concrete: { readonly location: { readonly start_point: { readonly row: number } } };
  }[];
}

/** Where the linter is: a program from the Python package index, installed once. Undefined where there is no Python. */
export async function zizmor(): Promise<string | undefined> {
  const folder = await pythonWith("zizmor", REQUIREMENTS);
  return folder && join(folder, "bin", "zizmor");
}

/** What an auditor finds in workflows, a line each: the strictest of its three persons. It asks nobody. */
export async function audit(program: string, files: readonly string[]): Promise<string[]> {
  const args = [
    "--offline",
    "--no-progress",
    "--quiet",
    "--no-config",
    "--persona",
    "auditor",
    "--format",
    "json-v1",
  ];
  const { code, out } = await run(program, [...args, "--no-exit-codes", ...files], __dirname, process.env);
  if (code !== 0) throw new Error(`zizmor failed: ${out}`);
  return (JSON.parse(out) as Finding[]).map(({ ident, desc, locations: [first] }) => {
    const row = first?.concrete.location.start_point.row ?? -1;
    return `${first?.symbolic.key.Local?.verbatim_path ?? "?"}:${row + 1}: ${ident}: ${desc}`;
  });
}
