import { awsFailure } from "../../aws/failure";
import type { Seen } from "../observation";
import { bucketOf } from "./address";
import type { Part } from "./archive";

/** Where a rollout's dumps lie. What it throws is for people, and has no secret in it. */
export interface DumpPlace {
  /** A small file's text; undefined where there is none. */
  text(file: string): Promise<string | undefined>;
  /** How long a file is, in bytes; undefined where there is none. */
  bytes(file: string): Promise<number | undefined>;
  /** Reads bytes of a file. */
  part(file: string): Part;
  /** What tells a file's contents from any other's, as the place has it: it changes whenever they do. */
  seal(file: string): Promise<string>;
  write(file: string, text: string): Promise<void>;
  /** Takes over a file of this machine, whole or not at all. */
  put(file: string, from: string): Promise<void>;
  /** Copies a file to this machine. */
  fetch(file: string, to: string): Promise<void>;
  close(): void;
}

/** Opens it. Each kind of place is loaded when there is one. */
export async function openPlace(address: string, region: string): Promise<DumpPlace> {
  const bucket = bucketOf(address);
  if (bucket === undefined) return new (await import("./folder")).Folder(address);
  return new (await import("./bucket")).Bucket(bucket, region);
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
