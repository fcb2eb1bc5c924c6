import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { chmod, copyFile, mkdir, open, readFile, rename, rm, stat, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { pipeline } from "node:stream/promises";
import { onInterrupt } from "../../text/interrupt";
import type { Part } from "./archive";
import type { DumpPlace } from "./place";

/** Dumps in a folder of this machine, or of one that is mounted. */
export class Folder implements DumpPlace {
  constructor(private readonly root: string) {}

  text(file: string): Promise<string | undefined> {
    return unlessMissing(readFile(this.path(file), "utf8"));
  }

  async bytes(file: string): Promise<number | undefined> {
    return (await unlessMissing(stat(this.path(file))))?.size;
  }

  part(file: string): Part {
    return async (from, length) => {
      const handle = await open(this.path(file));
      try {
        const { bytesRead, buffer } = await handle.read(Buffer.alloc(length), 0, length, from);
        return buffer.subarray(0, bytesRead);
      } finally {
        await handle.close();
      }
    };
  }

  async seal(file: string): Promise<string> {
    return sealOf(await sha256Of(this.path(file)));
  }

  async write(file: string, text: string): Promise<void> {
    await this.whole(file, (aside) => writeFile(aside, text));
  }

  async put(file: string, from: string, sha256: string): Promise<string> {
    await this.whole(file, (aside) => copyFile(from, aside));
    return sealOf(sha256);
  }

  async fetch(file: string, to: string): Promise<void> {
    await copyFile(this.path(file), to);
  }

  close(): void {}

  /** Under its name stands a whole file, or the one before: whoever looks meanwhile sees no half. */
  private async whole(file: string, make: (aside: string) => Promise<void>): Promise<void> {
    const path = this.path(file);
    const aside = `${path}.${process.pid}.part`;
    await mkdir(dirname(path), { recursive: true, mode: 0o700 });
    // A disk that is full leaves half of it, and so does a signal.
    const remove = () => rm(aside, { force: true });
    const forget = onInterrupt(remove);
    try {
      await make(aside);
      // All that is in the database stands in it.
      await chmod(aside, 0o600);
      await rename(aside, path);
    } finally {
      forget();
      await remove();
    }
  }

  private path(file: string): string {
    return join(this.root, file);
  }
}

const sealOf = (sha256: string) => `sha256:${sha256}`;

/** SHA-256 of a file, in hex. */
export async function sha256Of(path: string): Promise<string> {
  const hash = createHash("sha256");
  await pipeline(createReadStream(path, { highWaterMark: 1024 * 1024 }), hash);
  return hash.digest("hex");
}

function unlessMissing<T>(reading: Promise<T>): Promise<T | undefined> {
  return reading.catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return undefined;
    throw error;
  });
}
