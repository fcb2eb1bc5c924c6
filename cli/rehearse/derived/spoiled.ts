import { copyFile, truncate } from "node:fs/promises";
import { join } from "node:path";
import { emulated } from "../../../sandbox/aws/emulated";
import { inFolder } from "../../../src/backups/inFolder";
import { sha256Of } from "../../../src/gates/dumps/folder";
import {
  FILES,
  type Manifest,
  manifest,
  type Proof,
  proof,
  readAs,
  textOf,
} from "../../../src/gates/dumps/manifest";
import { openPlace } from "../../../src/gates/dumps/open";
import type { DumpPlace } from "../../../src/gates/dumps/place";
import { kindOf } from "../../../src/gates/gate";
import { gatesFor } from "../../../src/promotion/resolve";
import type { Stage } from "../../../src/rollout/rollout";
import { UserError } from "../../../src/text/problem";
import { dumpsHere } from "../../sandbox/overlay";
import { backupEnv } from "../backupStep";
import { runCutover } from "../command";
import { checkStep } from "../steps";
import type { Walk } from "./promote";
import { gatesOf } from "./world";

const LONG_AGO = "2000-01-01T00:00:00.000Z";

/** What lies there of a stage's backup, while it is as it should be. */
interface Kept {
  readonly said: Manifest;
  /** Absent where nobody asks for one. */
  readonly proven: Proof | undefined;
  /** The dump, on this machine. */
  readonly file: string;
}

/** A way in which a backup is of no use: what is put in the place of what lies there. */
interface Way {
  readonly title: string;
  readonly said?: (said: Manifest) => Manifest;
  readonly proven?: (proven: Proof) => Proof;
  /** The dump itself is cut off, as if the disk had been full; its manifest is what whoever wrote it believed. */
  readonly cut?: boolean;
}

const WAYS: readonly Way[] = [
  {
    title: "is old",
    said: (said) => ({ ...said, takenAt: LONG_AGO }),
    proven: (proven) => ({ ...proven, at: LONG_AGO }),
  },
  {
    title: "is of another database",
    said: (said) => ({ ...said, of: { ...said.of, system: "1" } }),
    proven: (proven) => ({ ...proven, of: { ...proven.of, system: "1" } }),
  },
  { title: "is cut off, and does not restore", cut: true },
];

/**
 * Spoils the backup that was taken for a stage in each way, one after the other: every gate that asks for it blocks. That
 * there is none was seen before it was taken. Nothing is done where no gate asks for one.
 */
export async function spoiledBackups({ act, attempts }: Walk, stage: Stage): Promise<void> {
  const { rollout, sandbox } = act.world;
  const gates = gatesFor(rollout, stage).filter(({ definition }) => kindOf(definition).madeBy !== undefined);
  const { backup } = rollout;
  if (gates.length === 0 || !backup) return;
  const ids = gates.map(({ id }) => id);
  await checkStep(
    act,
    `${ids.join(", ")} of ${stage.name}: each way in which a backup is of no use`,
    (lines) =>
      inFolder(async (folder) => {
        const place = await openPlace(dumpsHere(backup, sandbox), emulated(sandbox.aws));
        try {
          const kept = await keptIn(
            place,
            rollout.name,
            stage.name,
            attempts.get(stage.name) ?? 1,
            join(folder, "dump"),
          );
          for (const way of WAYS) {
            try {
              await spoil(place, kept, way);
              if (way.cut && kept.proven)
                await runCutover(act.world, ["prove-backup", "-s", stage.name], await backupEnv(act.world));
              const told = (await gatesOf(act.world, stage.name)).filter(({ id }) => ids.includes(id));
              const passing = told.filter(({ outcome }) => outcome === "pass");
              if (passing.length > 0)
                return `The backup ${way.title}, and ${passing.map(({ id }) => id).join(", ")} let it pass`;
              lines.push(...told.map(({ id, observed }) => `${id}, where it ${way.title}: ${observed}`));
            } finally {
              await restore(place, kept);
            }
          }
          return undefined;
        } finally {
          place.close();
        }
      }),
  );
}

async function keptIn(
  place: DumpPlace,
  rollout: string,
  stage: string,
  attempt: number,
  file: string,
): Promise<Kept> {
  const said = readAs(manifest, (await place.text(FILES.manifest(rollout, stage, attempt))) ?? "");
  if (!said) throw new UserError(`There is no manifest of a backup of ${stage}, attempt ${attempt}`);
  await place.fetch(said.dump.file, file);
  return { said, proven: readAs(proof, (await place.text(FILES.proof(rollout))) ?? ""), file };
}

async function spoil(place: DumpPlace, { said, proven, file }: Kept, way: Way): Promise<void> {
  let now = way.said?.(said) ?? said;
  if (way.cut) {
    const half = `${file}.cut`;
    await copyFile(file, half);
    const bytes = Math.floor(said.dump.bytes * 0.9);
    await truncate(half, bytes);
    const sha256 = await sha256Of(half);
    const seal = await place.put(said.dump.file, half, sha256);
    now = { ...said, dump: { ...said.dump, bytes, sha256, seal } };
  }
  await write(place, now, proven && (way.proven?.(proven) ?? proven));
}

async function restore(place: DumpPlace, { said, proven, file }: Kept): Promise<void> {
  const seal = await place.put(said.dump.file, file, said.dump.sha256);
  await write(place, { ...said, dump: { ...said.dump, seal } }, proven);
}

async function write(place: DumpPlace, said: Manifest, proven: Proof | undefined): Promise<void> {
  await place.write(FILES.manifest(said.rollout, said.stage, said.attempt), textOf(said));
  if (proven) await place.write(FILES.proof(said.rollout), textOf(proven));
}
