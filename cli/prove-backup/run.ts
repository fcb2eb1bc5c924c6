import { clientPrograms } from "../../sandbox/postgres/programs";
import { readLoosely } from "../../src/abort/looseConfig";
import { ownerLogin } from "../../src/backups/login";
import { newestBackup, proveBackup } from "../../src/backups/prove";
import { proveSnapshot, type SnapshotProof } from "../../src/backups/proveSnapshot";
import type { Proof } from "../../src/gates/dumps/manifest";
import { showBytes } from "../../src/gates/dumps/show";
import { snapshotOf } from "../../src/gates/kinds/snapshot";
import { loadRollout } from "../../src/rollout/load";
import { type Rollout, requireStage, type Stage } from "../../src/rollout/rollout";
import { counted } from "../../src/text/counted";
import { showDuration } from "../../src/text/duration";
import { UserError } from "../../src/text/problem";
import { createProgress } from "../../src/text/progress";
import { backedUp } from "../backedUp";
import { EXIT, UsageError } from "../exit";
import { placeHere } from "../locate";
import { startScratch } from "./scratch";

export interface ProveBackupOptions {
  /** Absent: that of the newest backup. */
  readonly stage?: string | undefined;
  /** The folder with the stack files. */
  readonly folder: string;
  /** Restores the snapshot of its promotion on RDS, in place of a dump. */
  readonly snapshot?: boolean | undefined;
  /** Prints the record as JSON, and nothing else. */
  readonly json?: boolean | undefined;
  readonly env?: NodeJS.ProcessEnv;
  readonly print?: (line: string) => void;
}

/** Restores the backup of a stage's promotion, compares it, and writes down what became of it. Takes no Pulumi. */
export async function proveBackupCommand(options: ProveBackupOptions): Promise<number> {
  const { folder, json = false, env = process.env, print = console.log } = options;
  const rollout = loadRollout(folder);
  const { backup, database } = backedUp(rollout);
  const region = env.AWS_REGION ?? env.AWS_DEFAULT_REGION ?? readLoosely(folder).region ?? "";
  const place = placeHere(rollout.name, folder);
  const promoted = options.stage === undefined ? undefined : requireStage(rollout, options.stage);
  const snapshot = options.snapshot ? takenBy(rollout, promoted) : undefined;
  const { stage, attempt } = promoted
    ? { stage: promoted.name, attempt: promoted.attempt }
    : await newestBackup({ place, rollout: rollout.name, backup, region });
  const asked = { rollout: rollout.name, stage, attempt, backup, database, region };
  const login = snapshot && ownerLogin(env);
  const progress = createProgress();
  const { proof, temporary }: Partial<SnapshotProof> & Pick<SnapshotProof, "proof"> = await progress.step(
    `Restoring the ${snapshot ? "snapshot" : "backup"} of ${stage}`,
    async () =>
      snapshot && login
        ? proveSnapshot({ ...asked, snapshot, login, say: progress.note })
        : {
            proof: await proveBackup({
              ...asked,
              place,
              env,
              start: startScratch,
              programs: clientPrograms,
            }),
          },
  );
  if (json) print(JSON.stringify(proof));
  else for (const line of shown(proof, temporary)) print(line);
  return proof.failures.length === 0 ? EXIT.ok : EXIT.failed;
}

/** The snapshot that a stage's promotion takes. Throws a `UserError` where it declares none. */
function takenBy(rollout: Rollout, stage: Stage | undefined) {
  if (!stage) throw new UsageError("--snapshot needs -s: whose promotion took it.");
  const snapshot = snapshotOf(rollout.name, stage);
  if (snapshot) return snapshot;
  throw new UserError(`${stage.name} takes no snapshot:`, [
    {
      where: `${stage.name} cutover:stage.snapshot`,
      what: "is not there",
      remedy: "Add snapshot: { instance: … } or { cluster: … }, or leave --snapshot out",
    },
  ]);
}

function shown(proof: Proof, temporary: SnapshotProof["temporary"] | undefined): string[] {
  const { dump, failures } = proof;
  return [
    ...(temporary ? snapshotLines(proof, temporary) : dumpLines(proof)),
    ...(failures.length === 0
      ? [dump ? "It came back as it was dumped." : "It came back, and is of this database."]
      : [
          dump ? "It did not come back as it was dumped:" : "It did not come back:",
          ...failures.map((failure) => `  - ${failure}`),
        ]),
  ];
}

function dumpLines({ dump, took: { fetch = 0, restore, compare }, compared }: Proof): string[] {
  return [
    ...(dump ? [`${dump.file}: ${showBytes(dump.bytes)}, taken at ${dump.takenAt}.`] : []),
    ...(restore === undefined
      ? []
      : [`Fetched in ${showDuration(fetch)}, restored in ${showDuration(restore)}.`]),
    ...(compared && compare !== undefined
      ? [`${amounts(compared)} compared in ${showDuration(compare)}.`]
      : []),
  ];
}

/** The least that RDS bills of an instance. Source: Amazon RDS pricing, "On-Demand DB Instances". */
const LEAST_BILLED_MS = 600_000;

function snapshotLines(
  { snapshot, took: { restore, compare }, compared }: Proof,
  { name, instanceClass, thereMs }: SnapshotProof["temporary"],
): string[] {
  const billed = showDuration(Math.max(thereMs, LEAST_BILLED_MS));
  return [
    `${snapshot?.id}, taken at ${snapshot?.takenAt}.`,
    ...(restore === undefined ? [] : [`Restored to ${name} in ${showDuration(restore)}.`]),
    ...(compared && compare !== undefined
      ? [
          `${amounts(compared)} read in ${showDuration(compare)}; ${counted(compared.same ?? 0, "table")} as in the database now.`,
        ]
      : []),
    `${name} was there for ${showDuration(thereMs)}, and RDS is deleting it. RDS bills ${billed} of ${instanceClass || "an instance"}, and its storage.`,
  ];
}

const amounts = ({ tables, rows, queries }: NonNullable<Proof["compared"]>) =>
  `${counted(tables, "table")} with ${counted(BigInt(rows), "row")} and ${counted(queries, "question")}`;
