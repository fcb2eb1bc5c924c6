import type { CommandWords, Kind, OptionWords } from "./tree";

/** The function that lists the stages of the folder. */
const STAGES = "_cutover_stages";
/** The one that proposes words, each on a line of its own, so that a folder's name may hold a space. */
const REPLY = "_cutover_reply";

/** Completion for bash 3.2 and later, which is what macOS has. */
export function bashCompletion(program: CommandWords): string {
  const name = `_${program.name}`;
  return `# bash completion of ${program.name}, written by: ${program.name} completion bash
# Load it with: eval "$(${program.name} completion bash)"
${STAGES}() {
  local folder=. i file
  for ((i = 1; i < COMP_CWORD; i++)); do
    case \${COMP_WORDS[i]} in
      -C|--cwd) folder=\${COMP_WORDS[i + 1]} ;;
    esac
  done
  for file in "$folder"/Pulumi.*.yaml; do
    [ -e "$file" ] || continue
    file=\${file##*/Pulumi.}
    printf '%s\\n' "\${file%.yaml}"
  done
}

${REPLY}() {
  local word
  while IFS= read -r word; do
    COMPREPLY[\${#COMPREPLY[@]}]=$word
  done < <(compgen "$@" -- "\${COMP_WORDS[COMP_CWORD]}")
}

${name}() {
  local cur=\${COMP_WORDS[COMP_CWORD]} prev=\${COMP_WORDS[COMP_CWORD - 1]} command= i
  COMPREPLY=()
  for ((i = 1; i < COMP_CWORD; i++)); do
    case "$command \${COMP_WORDS[i]}" in
${paths(program)
  .map(
    ([before, word]) =>
      `      ${quoted(`${before} ${word}`)}) command=${quoted(`${before} ${word}`.trim())} ;;`,
  )
  .join("\n")}
    esac
  done
  case "$command $prev" in
${valueCases(program).join("\n")}
  esac
  case "$command" in
${wordCases(program).join("\n")}
  esac
}
complete -F ${name} ${program.name}
`;
}

/** Each command with what was typed before it. */
function paths(program: CommandWords, before = ""): [before: string, word: string][] {
  return program.commands.flatMap((command): [string, string][] => [
    [before, command.name],
    ...paths(command, `${before} ${command.name}`.trim()),
  ]);
}

/** Every command, the program itself among them, by the words that lead to it. */
function all(command: CommandWords, path = ""): [path: string, command: CommandWords][] {
  return [
    [path, command],
    ...command.commands.flatMap((inner) => all(inner, `${path} ${inner.name}`.trim())),
  ];
}

function valueCases(program: CommandWords): string[] {
  return all(program).flatMap(([path, { options }]) =>
    options.flatMap((option) => {
      const { takes, demands, flags } = option;
      if (takes === undefined || !demands) return [];
      const patterns = flags.map((flag) => quoted(`${path} ${flag}`)).join("|");
      return [`    ${patterns}) ${REPLY} ${proposed(option)}; return ;;`];
    }),
  );
}

function wordCases(program: CommandWords): string[] {
  return all(program).map(([path, command]) => {
    const words = [
      ...command.commands.map((inner) => inner.name),
      ...command.options.flatMap(({ flags }) => flags),
    ];
    const values =
      command.takes === undefined ? undefined : proposed({ takes: command.takes, choices: command.choices });
    const own = values === undefined ? "" : `; [[ $cur == -* ]] || ${REPLY} ${values}`;
    return `    ${quoted(path)}) ${REPLY} -W ${quoted(words.join(" "))}${own} ;;`;
  });
}

function proposed({ takes, choices }: Pick<OptionWords, "takes" | "choices">): string {
  if (choices.length > 0) return `-W ${quoted(choices.join(" "))}`;
  const words: Readonly<Record<Kind, string>> = {
    stage: `-W "$(${STAGES})"`,
    folder: "-d",
    file: "-f",
    text: "-W ''",
  };
  return words[takes ?? "text"];
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}
