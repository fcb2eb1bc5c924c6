import { setTimeout as sleep } from "node:timers/promises";
import * as pulumi from "@pulumi/pulumi";
import type { Stage } from "../rollout/rollout";
import { type HeldTo, heldTo } from "../rollout/strength/judge";
import type { Settings } from "./settings";

/** The output in which a stack keeps what its last flip was held to. Secret, so that no display prints all of it. */
export const HELD_TO = "heldTo";

/** Pauses between tries, in milliseconds: a checkpoint is written in far less than their sum. */
const PAUSES_MS = [100, 300, 1_000, 3_000];

/**
 * Reads what the last flip of a stage was held to, from its own stack; undefined where none was written down. Throws
 * where that cannot be known: what cannot be read is not the same as what is not there.
 *
 * By the engine's own function, and not a `StackReference`: while a stack is brought up, the engine writes its
 * checkpoint again and again. A reader in between finds half a file, and a reference that failed once fails the run.
 */
export async function readHeldTo(
  stage: Pick<Stage, "name">,
  { organization, project }: Pick<Settings, "organization" | "project">,
): Promise<HeldTo | undefined> {
  const name = `${organization}/${project}/${stage.name}`;
  const { outputs } = await tried(
    () => pulumi.runtime.invoke("pulumi:pulumi:readStackOutputs", { name }) as Promise<{ outputs?: State }>,
  );
  const written = outputs?.[HELD_TO];
  return written === undefined || written === null ? undefined : heldTo.parse(written);
}

type State = Readonly<Record<string, unknown>>;

async function tried<T>(read: () => Promise<T>): Promise<T> {
  for (const pause of PAUSES_MS) {
    try {
      return await read();
    } catch {
      await sleep(pause);
    }
  }
  return read();
}
