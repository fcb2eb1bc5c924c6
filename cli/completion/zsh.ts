import type { CommandWords, Kind, OptionWords } from "./tree";

/** Completion for zsh, by its own `_arguments`. */
export function zshCompletion(program: CommandWords): string {
  return `#compdef ${program.name}
# zsh completion of ${program.name}, written by: ${program.name} completion zsh
# Load it with: source <(${program.name} completion zsh)
_cutover_stages() {
  local -a stages
  stages=(\${\${(@f)"$(print -rl -- \${opt_args[-C]:-\${opt_args[--cwd]:-.}}/Pulumi.*.yaml(N:t))"}#Pulumi.})
  stages=(\${stages%.yaml})
  compadd -a stages
}
${functionOf(program, "_cutover")}
compdef _cutover ${program.name}
`;
}

/** One function for each command; a command with commands of its own hands on to theirs. */
function functionOf(command: CommandWords, name: string): string {
  const inner = command.commands.map((one) => functionOf(one, `${name}_${one.name}`)).join("\n");
  const options = command.options.flatMap(specs);
  if (command.commands.length === 0) {
    const own = command.takes === undefined ? [] : [quoted(`1:${command.takes}:${action(command)}`)];
    return `${name}() {\n  _arguments ${[...options, ...own].join(" \\\n    ")}\n}`;
  }
  const described = command.commands.map((one) => quoted(`${one.name}:${escaped(one.description)}`));
  const cases = command.commands.map((one) => `        ${one.name}) ${name}_${one.name} ;;`);
  return `${inner}
${name}() {
  local context state line
  typeset -A opt_args
  _arguments -C ${[...options, quoted("1: :->command"), quoted("*:: :->rest")].join(" \\\n    ")}
  case $state in
    command)
      local -a commands
      commands=(${described.join(" ")})
      _describe command commands ;;
    rest)
      case $line[1] in
${cases.join("\n")}
      esac ;;
  esac
}`;
}

function specs(option: OptionWords): string[] {
  const { flags, description, takes, demands } = option;
  const value = takes === undefined ? "" : `${demands ? ":" : "::"}${takes}:${action(option)}`;
  const exclusive = flags.length > 1 ? `(${flags.join(" ")})` : "";
  return flags.map((flag) => quoted(`${exclusive}${flag}[${escaped(description)}]${value}`));
}

function action({ takes, choices }: Pick<OptionWords, "takes" | "choices">): string {
  if (choices.length > 0) return `(${choices.join(" ")})`;
  const actions: Readonly<Record<Kind, string>> = {
    stage: "_cutover_stages",
    folder: "_files -/",
    file: "_files",
    text: " ",
  };
  return actions[takes ?? "text"];
}

function escaped(text: string): string {
  return text.replaceAll(/[\\:[\]]/g, "\\$&");
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}
