import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parse, parseDocument } from "yaml";
import { merge } from "../../cli/sandbox/project";
import type { Chapter, Page } from "./chapters";
import { BY_HAND, EXCEPTIONS, INSTEAD } from "./here";
import { type Block, blocksOf, type Command, commandsOf, PROJECT } from "./page";
import { planOf } from "./plan";
import type { Shell, Typed } from "./shell";
import type { World } from "./world";

/** How much of what a command printed is told where it did not end as stated. */
const TOLD = 3_000;

/** Types commands of which none may fail. Throws with what the first one printed that does. */
export async function prepare(world: World, shell: Shell, commands: readonly string[]): Promise<void> {
  for (const command of commands) {
    const typed = await type(world, shell, command);
    if (typed.code !== 0) throw new Error(told(command, typed, 0));
  }
}

/**
 * Follows a page from its first block to its last, in one shell that begins in the checkout. A command that does not
 * end as the page states ends it: those after it lean on it.
 *
 * @returns what did not end as stated
 */
export async function follow(world: World, chapter: Chapter, page: Page): Promise<string | undefined> {
  const shell = world.shell(chapter.setting);
  try {
    await prepare(world, shell, page.before ?? []);
    for (const block of blocksOf(join(PROJECT, page.page))) {
      if (block.language === "yaml" && page.edited !== undefined)
        edit(join(world.checkout, page.edited), block);
      if (block.language !== "sh") continue;
      for (const { command, exception } of planOf(commandsOf(block), EXCEPTIONS)) {
        if (exception) await exception.instead?.(world);
        else {
          const wrong = await step(world, shell, command);
          if (wrong !== undefined) return wrong;
        }
      }
    }
    return undefined;
  } finally {
    await shell.close();
  }
}

async function step(world: World, shell: Shell, command: Command): Promise<string | undefined> {
  const typed = await type(world, shell, command.text);
  return typed.code === command.exit
    ? undefined
    : told(`${command.page}:${command.line}: ${command.text}`, typed, command.exit);
}

async function type(world: World, shell: Shell, command: string): Promise<Typed> {
  const typing = await BY_HAND.find((one) => one.command === command)?.typing(world);
  const here = INSTEAD.filter(({ words }) => command.includes(words));
  return shell.type(
    here.reduce((line, { words, here }) => line.replaceAll(words, here(world)), command),
    typing,
  );
}

function told(command: string, { code, output }: Typed, stated: number): string {
  return `${command}\nended with ${code}, not with ${stated}. It printed:\n${output.slice(-TOLD)}`;
}

/** Does what a YAML block says of one of the rollout's files. Its sign-offs are made now. */
function edit(folder: string, { text }: Block): void {
  const [, name = ""] = /^# (Pulumi\.\w+\.yaml)\n/.exec(text) ?? [];
  const file = join(folder, name);
  const document = parseDocument(readFileSync(file, "utf8"));
  merge(document, [], parse(text.replaceAll(/(?<=at: ")[^"]+/g, new Date().toISOString())));
  writeFileSync(file, document.toString());
}
