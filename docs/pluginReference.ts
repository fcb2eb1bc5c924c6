import { aws } from "../sandbox/aws/plugin/plugin";
import type { Inputs } from "../sandbox/plugin/spec";
import { postgresql } from "../sandbox/postgres/plugin/plugin";
import { compare } from "./plugins/compare";
import { extract } from "./plugins/official";
import { REPLACES } from "./plugins/replaces";

/** The reference of how the sandbox's plugins stand to the official ones, written from both. */
export function pluginReference(): string {
  const lines = [
    "# Reference: the sandbox's plugins and the official ones",
    "",
    "Written by `npm run docs` from the plugins' tables and the official SDKs that are installed. Compared of each input: that",
    "it is there, its type, whether it is required, whether it is a secret, and whether a change makes a new resource",
    "(`docs/plugins/replaces.ts`, read at the commit of the official source that each row names, with its year where the source",
    "shows it: none is the very version of the SDK, and some are years older). A program that gives an input that is not taken",
    "is refused.",
  ];
  for (const { name, rows } of [aws, postgresql]) lines.push("", ...table(`@pulumi/${name}`, rows));
  return `${lines.join("\n")}\n`;
}

function table(sdk: string, rows: Readonly<Record<string, { readonly inputs: Inputs }>>): string[] {
  const official = extract(sdk, Object.keys(rows));
  const compared = Object.entries(rows).map(
    ([type, { inputs }]) => [type, compare(type, inputs, official.resources[type] ?? {})] as const,
  );
  const sum = (of: (one: (typeof compared)[number][1]) => number) =>
    compared.reduce((so, [, one]) => so + of(one), 0);
  return [
    `## ${sdk} ${official.version}`,
    "",
    `${compared.length} resources, ${sum(({ inputs }) => inputs)} inputs, ${sum(({ differences }) => differences.length)} differences.`,
    "",
    "| resource | inputs | differ | read at | official inputs not taken |",
    "| --- | --- | --- | --- | --- |",
    ...compared.map(([type, { inputs, untaken, differences }]) => {
      const names = untaken.map((path) => path.slice(type.length + 1)).join(", ");
      return `| ${type} | ${inputs} | ${differences.length} | ${readAt(type)} | ${names || "none"} |`;
    }),
  ];
}

function readAt(type: string): string {
  const { at = "", of } = REPLACES[type] ?? {};
  return of === undefined ? at : `${at} (${of})`;
}
