import type { Command } from "commander";
import { describe, expect, test } from "vitest";
import { EXIT, EXIT_CODES } from "../../cli/exit";
import { buildProgram } from "../../cli/program";

const program = buildProgram(() => {});

/** Commands that do something by themselves; those that only hold others are looked at through these. */
function leaves(command: Command): Command[] {
  return command.commands.length === 0 ? [command] : command.commands.flatMap(leaves);
}

function helpOf(command: Command, width?: number): string {
  let said = "";
  command.configureOutput({
    writeOut: (text) => {
      said += text;
    },
    getOutHelpWidth: () => width as number,
  });
  command.outputHelp();
  return said;
}

describe.each(leaves(program).map((command): [string, Command] => [command.name(), command]))(
  "%s",
  (_, command) => {
    test("says what it does, what its exit codes mean, and how it is typed", () => {
      const help = helpOf(command);
      expect(command.description()).toMatch(/\.$/);
      expect(help).toMatch(/\nExamples?:\n {2}\S/);
      if (command.name() !== "stop") expect(help).toMatch(/[Ee]xit codes? \d/);
    });

    test.each([60, 80, 120])("its help fits a terminal of %d columns", (width) => {
      // An example is typed as one line.
      const [words = ""] = helpOf(command, width).split("\nExample");
      for (const line of words.split("\n")) expect(line.length, line).toBeLessThanOrEqual(width);
    });
  },
);

test("--version prints the package's version alone", () => {
  let said = "";
  const asked = buildProgram(() => {});
  asked.configureOutput({
    writeOut: (text) => {
      said += text;
    },
  });
  asked.exitOverride();
  expect(() => asked.parse(["node", "cutover", "--version"])).toThrow(/^\d+\.\d+\.\d+/);
  expect(said).toMatch(/^\d+\.\d+\.\d+\n$/);
});

test("the program's help names every exit code", () => {
  const help = helpOf(program, 120);
  for (const [code, words] of EXIT_CODES) expect(help).toContain(`${code}  ${words}`);
  expect(EXIT_CODES.map(([code]) => code)).toEqual(Object.values(EXIT));
});
