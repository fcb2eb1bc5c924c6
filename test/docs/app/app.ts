import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { blocksOf, commandsOf, PROJECT } from "../page";

/** An app that stands in a page: its files, and what is typed to run it. */
export class AppPage {
  readonly path: string;

  /** @param page its path in the checkout */
  constructor(page: string) {
    this.path = join(PROJECT, page);
  }

  /** Writes the app's files, each of which begins with its own name as a comment. Returns their names. */
  write(folder: string): string[] {
    return blocksOf(this.path).flatMap(({ text }) => {
      const [, name] = /^(?:#|\/\/) (\S+\.(?:py|m?js))\n/.exec(text) ?? [];
      if (name === undefined) return [];
      mkdirSync(dirname(join(folder, name)), { recursive: true });
      writeFileSync(join(folder, name), `${text}\n`);
      return [name];
    });
  }

  /** Its commands, in their order. */
  get commands(): string[] {
    return blocksOf(this.path)
      .filter(({ language }) => language === "sh")
      .flatMap(commandsOf)
      .map(({ text }) => text);
  }

  /** The one command that begins so; throws where the page has none, or more. */
  command(begins: string): string {
    const [found, ...more] = this.commands.filter((one) => one.startsWith(begins));
    if (found === undefined || more.length > 0)
      throw new Error(`${this.path} has not one command that begins with ${begins}`);
    return found;
  }
}
