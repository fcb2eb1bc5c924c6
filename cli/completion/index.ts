import { Argument } from "commander";
import { EXIT } from "../exit";
import { footer, type Registration } from "../registration";

export const addCompletion: Registration = (program, exit) => {
  program
    .command("completion")
    .description(
      "Print the completion of cutover for a shell: commands, options, and stages from the stack files.",
    )
    .addArgument(new Argument("<shell>", "which shell").choices(["bash", "zsh", "fish"]))
    .addHelpText(
      "after",
      footer("For a command named cutover on PATH: npm link makes one. Exit code 0.", [
        'eval "$(cutover completion bash)"      # in ~/.bashrc',
        "source <(cutover completion zsh)        # in ~/.zshrc, after compinit",
        "cutover completion fish | source       # in ~/.config/fish/config.fish",
      ]),
    )
    .action(async (shell: "bash" | "zsh" | "fish") => {
      const { wordsOf } = await import("./tree");
      const words = wordsOf(program);
      const written = {
        bash: async () => (await import("./bash")).bashCompletion(words),
        zsh: async () => (await import("./zsh")).zshCompletion(words),
        fish: async () => (await import("./fish")).fishCompletion(words),
      };
      process.stdout.write(await written[shell]());
      exit(EXIT.ok);
    });
};
