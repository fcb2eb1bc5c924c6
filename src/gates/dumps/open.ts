import type { AwsAccess } from "../../aws/clients";
import { awsFailure } from "../../aws/failure";
import type { Seen } from "../observation";
import { bucketOf } from "./address";
import type { DumpPlace } from "./place";

/** Opens where dumps lie. Each kind of place is loaded when there is one. */
export async function openPlace(address: string, access: AwsAccess): Promise<DumpPlace> {
  const bucket = bucketOf(address);
  if (bucket === undefined) return new (await import("./folder")).Folder(address);
  return new (await import("./bucket")).Bucket(bucket, access);
}

/** Looks at a place, and closes it. What it throws becomes an observation of nothing, in AWS's words or the system's. */
export async function looking(place: DumpPlace, look: () => Promise<Seen>): Promise<Seen> {
  try {
    return await look();
  } catch (error) {
    return awsFailure(error);
  } finally {
    place.close();
  }
}
