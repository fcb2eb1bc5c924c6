import type { CommandWords, Kind, OptionWords } from "./tree";

/** Completion for fish: one line for each word. */
export function fishCompletion(program: CommandWords): string {
  const { name } = program;
  return `# fish completion of ${name}, written by: ${name} completion fish
# Load it with: ${name} completion fish | source
function __cutover_stages
  set -l words (commandline -opc)
  set -l folder .
  for i in (seq (count $words))
    if contains -- $words[$i] -C --cwd
      set folder $words[(math $i + 1)]
    end
  end
  for file in $folder/Pulumi.*.yaml
    string replace -r '.*/Pulumi\\.(.*)\\.yaml$' '$1' -- $file
  end
end
complete -c ${name} -f
${linesOf(program, name, "__fish_use_subcommand").join("\n")}
`;
}

function linesOf(command: CommandWords, program: string, when: string): string[] {
  const line = (words: string) => `complete -c ${program} -n ${quoted(when)} ${words}`;
  return [
    ...command.options.map((option) => line(optionWords(option))),
    ...command.commands.map((inner) => line(`-a ${inner.name} -d ${quoted(inner.description)}`)),
    ...(command.takes === undefined ? [] : [line(value(command))]),
    ...command.commands.flatMap((inner) =>
      linesOf(
        inner,
        program,
        `${when === "__fish_use_subcommand" ? "" : `${when}; and `}__fish_seen_subcommand_from ${inner.name}`,
      ),
    ),
  ];
}

function optionWords(option: OptionWords): string {
  const flags = option.flags.map((flag) =>
    flag.startsWith("--") ? `-l ${flag.slice(2)}` : `-s ${flag.slice(1)}`,
  );
  const takes = option.takes === undefined || !option.demands ? [] : [value(option)];
  return [...flags, ...takes, `-d ${quoted(option.description)}`].join(" ");
}

/** What may follow; -r keeps fish's own list of files where a file is meant. */
function value({ takes, choices }: Pick<OptionWords, "takes" | "choices">): string {
  if (choices.length > 0) return `-x -a ${quoted(choices.join(" "))}`;
  const values: Readonly<Record<Kind, string>> = {
    stage: `-x -a '(__cutover_stages)'`,
    folder: `-x -a '(__fish_complete_directories)'`,
    file: "-r -F",
    text: "-x",
  };
  return values[takes ?? "text"];
}

function quoted(text: string): string {
  return `'${text.replaceAll("\\", "\\\\").replaceAll("'", "\\'")}'`;
}
