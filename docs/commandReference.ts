import type { Command } from "commander";
import { EXIT_CODES } from "../cli/exit";
import { buildProgram } from "../cli/program";

/** The reference of commands, written from what `--help` prints. */
export function commandReference(): string {
  const program = buildProgram(() => {});
  const lines = [
    "# Reference: commands",
    "",
    "Written by `npm run docs` from what `--help` prints. From the project's folder a command is typed",
    "`npm run -s cutover -- COMMAND`; after `npm link` simply `cutover COMMAND`, in any folder.",
    "",
    "## Exit codes",
    "",
    "| code | meaning |",
    "| --- | --- |",
    ...EXIT_CODES.map(([exit, words]) => `| ${exit} | ${words} |`),
    "",
    "`NO_COLOR=1` switches colours off; they are off wherever output is not a terminal. Progress goes to standard error,",
    "results to standard output. `CUTOVER_DEBUG=1` shows where an unexpected error comes from.",
    "",
    ...leaves(program).flatMap(([name, command]) => [
      `## ${name}`,
      "",
      "```text",
      helpOf(command),
      "```",
      "",
    ]),
  ];
  return `${lines.join("\n").trimEnd()}\n`;
}

function leaves(command: Command, path = ""): [name: string, command: Command][] {
  return command.commands.flatMap((one): [string, Command][] => {
    const name = `${path} ${one.name()}`.trim();
    return one.commands.length === 0 ? [[name, one]] : leaves(one, name);
  });
}

function helpOf(command: Command): string {
  let said = "";
  command.configureOutput({
    writeOut: (text) => {
      said += text;
    },
    getOutHelpWidth: () => 100,
  });
  command.outputHelp();
  return said.trimEnd();
}
