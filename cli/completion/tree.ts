import type { Argument, Command, Option } from "commander";

/** What a word on the command line stands for, where a shell can propose some. */
export type Kind = "stage" | "folder" | "file" | "text";

/** One option, as a shell needs to know it. */
export interface OptionWords {
  /** `-s`, `--stage`: what is typed. */
  readonly flags: readonly string[];
  readonly description: string;
  /** Absent where it takes no value. */
  readonly takes?: Kind | undefined;
  /** False where the value may be left out. */
  readonly demands: boolean;
  readonly choices: readonly string[];
}

/** One command with its options and its own commands. */
export interface CommandWords {
  readonly name: string;
  readonly description: string;
  readonly options: readonly OptionWords[];
  readonly commands: readonly CommandWords[];
  readonly takes?: Kind | undefined;
  readonly choices: readonly string[];
}

/** The words of a program, read from its own declaration: what is not declared is never proposed. */
export function wordsOf(command: Command): CommandWords {
  const help = command.createHelp();
  const [argument] = command.registeredArguments;
  return {
    name: command.name(),
    description: firstSentence(command.description()),
    options: help.visibleOptions(command).map(optionOf),
    commands: help
      .visibleCommands(command)
      .filter((one) => one.name() !== "help")
      .map(wordsOf),
    ...(argument ? { takes: kindOf(argument.name()) } : {}),
    choices: [...(argument?.argChoices ?? [])],
  };
}

function optionOf(option: Option): OptionWords {
  const takes =
    option.required || option.optional ? kindOf(/[<[]([\w-]+)/.exec(option.flags)?.[1] ?? "") : undefined;
  return {
    flags: [option.short, option.long].filter((flag) => flag !== undefined && flag !== null),
    description: firstSentence(option.description),
    ...(takes === undefined ? {} : { takes }),
    demands: option.required,
    choices: [...(option.argChoices ?? [])],
  };
}

/** By the name that help shows: `<stage>`, `<folder>`, `<file>`. */
function kindOf(name: Argument["name"] extends () => infer T ? T : never): Kind {
  return name === "stage" || name === "folder" || name === "file" ? name : "text";
}

/** Shells show one line. */
function firstSentence(text: string): string {
  return (/^.*?[.](?=\s|$)|^.*$/.exec(text.replaceAll(/\s+/g, " "))?.[0] ?? "").replace(/\.$/, "");
}
