import type { World } from "./world";

/** A person's statement in a stage's config. */
interface Signed {
  readonly gate: string;
  readonly statement: string;
  /** Default: the first. */
  readonly attempt?: number;
}

/** States something in a stage's config, as it would come in a pull request. */
export async function sign(
  { project }: Pick<World, "project">,
  stack: string,
  { gate, statement, attempt = 1 }: Signed,
): Promise<void> {
  await project.edit(stack, ["cutover:stage", "signOffs", gate], {
    by: "ada@example.com",
    at: new Date().toISOString(),
    statement,
    attempt,
  });
}
