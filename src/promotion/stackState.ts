import { setTimeout as sleep } from "node:timers/promises";
import * as pulumi from "@pulumi/pulumi";
import { reasonOf } from "../text/problem";

/** Pauses between tries, in milliseconds: a checkpoint is written in far less than their sum. */
const PAUSES_MS = [100, 300, 1_000, 3_000];

/** Values by name, as the engine hands them over: secrets in them are plain. */
export type State = Readonly<Record<string, unknown>>;

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
 * @param name `organization/project/stack`
 */
export async function readOutputs(name: string): Promise<State> {
  const read = () => pulumi.runtime.invoke("pulumi:pulumi:readStackOutputs", { name }) as Promise<Answer>;
  return (await tried(read)).outputs ?? {};
}

/**
 * The resources that a stack's state holds, by URN; those that wait for their deletion are left out. Throws, and is
 * read, as `readOutputs`. What a run that failed has left is here, and may not be in the outputs.
 *
 * @param stackName `organization/project/stack`
 */
export async function readResources(stackName: string): Promise<Readonly<Record<string, Held>>> {
  const read = () =>
    pulumi.runtime.invoke("pulumi:pulumi:readStackResourceOutputs", { stackName }) as Promise<Answer>;
  return ((await tried(read)).outputs ?? {}) as Record<string, Held>;
}

interface Answer {
  readonly outputs?: State;
}

/** Whether a read failed since there is no such stack: that does not come right by itself. */
export function isUnknownStack(error: unknown): boolean {
  return /\bunknown stack\b/i.test(reasonOf(error));
}

async function tried<T>(read: () => Promise<T>): Promise<T> {
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
