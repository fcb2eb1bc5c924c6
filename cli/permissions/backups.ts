import { bucketOf } from "../../src/gates/dumps/address";
import { type Asked, each, type Grant } from "./asked";

const WHERE = "only where dumps lie in a bucket (backup)";

/** The bucket of the rollout's dumps; nothing where there is none. */
function bucket({ rollout, partition }: Asked): string[] {
  const at = rollout.backup && bucketOf(rollout.backup.dumps);
  return at ? [`arn:${partition}:s3:::${at.bucket}`] : [];
}

/** What lies there of this rollout. */
function dumps(asked: Asked): string[] {
  const { rollout } = asked;
  const { prefix = "" } = (rollout.backup && bucketOf(rollout.backup.dumps)) ?? {};
  return bucket(asked).map((arn) => `${arn}/${prefix}${rollout.name}/*`);
}

/** What gates see of dumps, and what whoever takes and proves them does. */
export const BACKUP_GRANTS: readonly Grant[] = [
  {
    // Without it, what is not there looks like what may not be read.
    sid: "FindBackups",
    for: ["measure", "preview", "drift", "promote", "doctor", "backup"],
    actions: each(WHERE, "s3:ListBucket"),
    on: bucket,
  },
  {
    sid: "ReadBackups",
    for: ["measure", "preview", "drift", "promote", "doctor", "backup"],
    actions: each(WHERE, "s3:GetObject"),
    on: dumps,
  },
  {
    sid: "KeepBackups",
    for: ["backup"],
    actions: each(WHERE, "s3:AbortMultipartUpload", "s3:PutObject"),
    on: dumps,
  },
];
