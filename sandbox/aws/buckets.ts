import { BucketAlreadyOwnedByYou, CreateBucketCommand, S3Client } from "@aws-sdk/client-s3";
import { type Emulator, emulated } from "./emulated";

/** Declares buckets of somebody else's in the emulator. One that is there stays as it is. */
export async function declareBuckets(aws: Emulator, buckets: readonly string[]): Promise<void> {
  if (buckets.length === 0) return;
  const client = new S3Client({ ...emulated(aws), forcePathStyle: true });
  try {
    for (const Bucket of buckets)
      await client.send(new CreateBucketCommand({ Bucket })).catch((error: unknown) => {
        if (!(error instanceof BucketAlreadyOwnedByYou)) throw error;
      });
  } finally {
    client.destroy();
  }
}
