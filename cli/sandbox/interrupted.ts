import type { Sandbox } from "../../sandbox";

/** Whoever typed Ctrl-C knows why it ended: once all is gone, the signal's own handler ends our process. */
export async function unlessInterrupted({ closing }: Pick<Sandbox, "closing">): Promise<void> {
  if (closing.aborted) await new Promise(() => {});
}
