import { copyFile, mkdir, readFile, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { type Document, isMap, isNode, parseDocument } from "yaml";
import { forwardOwn } from "../../src/rollout/ownModule";
import { compiled } from "../../src/text/packaged";
import { type ConfigPath, pointProject, pointStack, takeSecrets } from "./elsewhere";

/** The folder of the program, which is also the folder of the first rollout. */
export const PROGRAM = join(__dirname, "..", "..");

/** Config that a sandbox lays over a stack's own: where things are on this machine, and how fast time passes. */
export type Overlay = Readonly<Record<string, unknown>>;

/** Where a stage names a gate. */
export interface GateAt {
  readonly stage: string;
  readonly section: string;
  readonly id: string;
}

/**
 * A rollout's very own stack files in a folder of their own, pointed at a sandbox. The program, the components
 * and the policies are the project's; only addresses and the pace of time differ, so nothing of the user's
 * files is ever edited.
 */
export class SandboxProject {
  #stacks: readonly string[] = [];
  readonly #secrets = new Map<string, readonly ConfigPath[]>();

  constructor(
    readonly folder: string,
    private readonly source: string,
  ) {}

  /** Copies Pulumi.yaml and the stacks' files, each with its overlay. */
  async write(stacks: readonly string[], overlay: (stack: string) => Overlay): Promise<void> {
    this.#stacks = stacks;
    await mkdir(this.folder, { recursive: true });
    const project = await this.read(join(this.source, "Pulumi.yaml"));
    pointProject(project);
    const program = join(PROGRAM, "index.ts");
    project.set("main", compiled(program) ?? program);
    await writeFile(join(this.folder, "Pulumi.yaml"), project.toString());
    // A rollout's own checks are found beside its stack files.
    forwardOwn(this.source, this.folder);
    for (const stack of stacks) {
      const document = await this.read(join(this.source, fileOf(stack)));
      pointStack(document);
      merge(document, ["config"], overlay(stack));
      this.#secrets.set(stack, takeSecrets(document));
      await writeFile(join(this.folder, fileOf(stack)), document.toString());
      await Promise.all(scriptsIn(document).map((script) => this.copy(script)));
    }
  }

  /** Where a stack's own file had secrets, which the copy has not. */
  secretsOf(stack: string): readonly ConfigPath[] {
    return this.#secrets.get(stack) ?? [];
  }

  /** Changes one value of a stack's config, as a person would in a pull request. Returns what stood there. */
  async edit(stack: string, path: readonly (string | number)[], value: unknown): Promise<unknown> {
    const file = join(this.folder, fileOf(stack));
    const document = await this.read(file);
    const before: unknown = document.getIn(["config", ...path]);
    if (value === undefined) document.deleteIn(["config", ...path]);
    else document.setIn(["config", ...path], document.createNode(value));
    await writeFile(file, document.toString());
    return isNode(before) ? before.toJSON() : before;
  }

  /**
   * Changes one value of a gate, where it is defined: one that stages share stands in the first stack's config. Returns
   * what stood there.
   */
  async editGate({ stage, section, id }: GateAt, key: string, value: unknown): Promise<unknown> {
    const at = ["cutover:stage", section, id];
    const document = await this.read(join(this.folder, fileOf(stage)));
    const [first] = this.#stacks;
    return first !== undefined && document.getIn(["config", ...at, "source"]) === "shared"
      ? this.edit(first, ["cutover:rollout", "gates", id, key], value)
      : this.edit(stage, [...at, key], value);
  }

  /**
   * Has a stack that is to be created encrypt its secrets as another does that is there: the engine derives a key for each
   * way that a run comes upon, and a stage's run reads three stacks.
   */
  async encryptAs(other: string, stack: string): Promise<void> {
    const file = join(this.folder, fileOf(stack));
    const [from, to] = await Promise.all([this.read(join(this.folder, fileOf(other))), this.read(file)]);
    to.set("encryptionsalt", from.get("encryptionsalt"));
    await writeFile(file, to.toString());
  }

  /** Sets how much faster declared durations pass than the clock, in every stack. */
  async pace(timeScale: number): Promise<void> {
    for (const stack of this.#stacks) await this.edit(stack, ["cutover:timeScale"], timeScale);
  }

  private async copy(script: string): Promise<void> {
    const file = join(this.folder, script);
    await mkdir(dirname(file), { recursive: true });
    await copyFile(join(this.source, script), file);
  }

  private async read(file: string): Promise<Document> {
    return parseDocument(await readFile(file, "utf8"));
  }
}

/** The scripts that a stack's ways back name, by their paths from its folder. */
function scriptsIn(document: Document): string[] {
  return ["cutover:rollout", "cutover:stage"].flatMap((key) => {
    const rows: unknown = document.getIn(["config", key, "rollback"]);
    if (!isMap(rows)) return [];
    return Object.values(rows.toJSON() as Record<string, { sql?: string }>).flatMap(({ sql }) => sql ?? []);
  });
}

function fileOf(stack: string): string {
  return `Pulumi.${stack}.yaml`;
}

/** Maps are merged key by key; anything else replaces what was there. */
export function merge(document: Document, path: readonly string[], value: unknown): void {
  if (typeof value === "object" && value !== null && !Array.isArray(value)) {
    for (const [key, inner] of Object.entries(value)) merge(document, [...path, key], inner);
    return;
  }
  document.setIn(path, document.createNode(value));
}
