import { z } from "zod";

/** `s3://bucket/prefix`. Source: Amazon S3 user guide, "General purpose bucket naming rules". */
const BUCKET = /^s3:\/\/([a-z0-9][a-z0-9.-]{1,61}[a-z0-9])(?:\/([\w!.*'()/-]*[\w!.*'()-]))?\/?$/;

/** Where dumps are kept, as config says it: a bucket, or a folder. */
export const dumpAddress = z
  .string()
  .refine(
    (text) => BUCKET.test(text) || /^\/[^\0]*$/.test(text),
    "a bucket such as s3://ops-backups/postgres, or the whole path of a folder such as /var/backups/ops",
  );

/** A bucket, and what its keys begin with; undefined where the address is a folder's. */
export function bucketOf(address: string): { readonly bucket: string; readonly prefix: string } | undefined {
  const [, bucket, prefix] = BUCKET.exec(address) ?? [];
  return bucket === undefined ? undefined : { bucket, prefix: prefix === undefined ? "" : `${prefix}/` };
}
