import { setTimeout as sleep } from "node:timers/promises";
import * as pulumi from "@pulumi/pulumi";
import { reasonOf, UserError } from "../text/problem";
import type { Settings } from "./settings";

/** Pauses between tries, in milliseconds: a checkpoint is written in far less than their sum. */
const PAUSES_MS = [100, 300, 1_000, 3_000];

/** Values by name, as the engine hands them over: secrets in them are plain. */
export type State = Readonly<Record<string, unknown>>;

/** Whose stacks are read. */
type Whose = Pick<Settings, "organization" | "project">;

/** A resource of a stack. */
export interface Held {
  readonly type: string;
  readonly outputs: State;
}

/**
 * The outputs of a stack. Throws where they cannot be read; a stack without any has none.
 *
 * By the engine's own function, and not a `StackReference`: while a stack is brought up, the engine writes its
 * checkpoint again and again. A reader in between finds half a file, and a reference that failed once fails the run.
 *
 * @param at whose stack it is
 */
export function readOutputs(at: Whose, stack: string): Promise<State> {
  return ask("readStackOutputs", { name: nameOf(at, stack) });
}

/**
 * The resources that a stack's state holds, by URN; those that wait for their deletion are left out. Throws, and is
 * read, as `readOutputs`. What a run that failed has left is here, and may not be in the outputs.
 */
export async function readResources(at: Whose, stack: string): Promise<Readonly<Record<string, Held>>> {
  const resources = await ask("readStackResourceOutputs", { stackName: nameOf(at, stack) });
  return resources as Record<string, Held>;
}

/** Said where flags would go up, and what decides about it, or would be lost by it, cannot be read. */
export function unreadable(headline: string, stack: string, part: string, error: unknown): UserError {
  return new UserError(headline, {
    where: `stack ${stack}`,
    what: `its ${part} cannot be read: ${reasonOf(error).slice(0, 300)}`,
    remedy:
      "Use the version of cutover that promoted it, or a newer one, and see to the backend and its secrets",
  });
}

function nameOf({ organization, project }: Whose, stack: string): string {
  return `${organization}/${project}/${stack}`;
}

/** Whether a read failed since there is no such stack: that does not come right by itself. */
export function isUnknownStack(error: unknown): boolean {
  return /\bunknown stack\b/i.test(reasonOf(error));
}

async function ask(what: string, stack: object): Promise<State> {
  const read = async (): Promise<State> =>
    (await pulumi.runtime.invoke(`pulumi:pulumi:${what}`, stack)).outputs ?? {};
  for (const pause of PAUSES_MS) {
    try {
      return await read();
    } catch (error) {
      if (isUnknownStack(error)) throw error;
      await sleep(pause);
    }
  }
  return read();
}
