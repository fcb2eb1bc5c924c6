import { leftSandboxes, type Sandbox } from "../../sandbox";
import { captured, outside, quoted } from "../../src/text/command";
import { CHECKOUT } from "../locate";
import { exportedIn, type Workplace } from "./environment";
import { freeName } from "./find";

/**
 * Leaves a sandbox running with all that a person needs to work in it by hand. Until our process ends, a Ctrl-C still
 * ends the sandbox, too.
 *
 * @param name what it is called by, free or not. Default: the rollout's, with a number behind it where one is called so
 * @returns what it is called by
 */
export async function keep(sandbox: Sandbox, workplace: Workplace, name?: string): Promise<string> {
  const taken = (await leftSandboxes()).map((left) => left.name);
  const called = name ?? freeName(workplace.rollout, taken);
  await sandbox.detach({ name: called, env: exportedIn(sandbox, workplace) });
  return called;
}

/** What is typed in a shell to work in a sandbox: first what points the shell at it. */
export function toWorkIn(name: string, project: string): string[] {
  return [`eval ${captured(outside(CHECKOUT, "sandbox env", name))}`, `cd ${quoted(project)}`];
}

/** What is typed to end it, from anywhere. */
export function toStop(name: string): string {
  return outside(CHECKOUT, "sandbox stop", name);
}
