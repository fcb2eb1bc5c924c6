import type { AwsAccess } from "../../aws/clients";
import { bucketOf } from "./address";
import type { DumpPlace } from "./place";

/** Opens where dumps lie. Each kind of place is loaded when there is one. */
export async function openPlace(address: string, access: AwsAccess): Promise<DumpPlace> {
  const bucket = bucketOf(address);
  if (bucket === undefined) return new (await import("./folder")).Folder(address);
  return new (await import("./bucket")).Bucket(bucket, access);
}

/** Works at a place of dumps, and closes it whatever comes of it. */
export async function atPlace<T>(
  address: string,
  access: AwsAccess,
  work: (place: DumpPlace) => Promise<T>,
): Promise<T> {
  const place = await openPlace(address, access);
  try {
    return await work(place);
  } finally {
    place.close();
  }
}
