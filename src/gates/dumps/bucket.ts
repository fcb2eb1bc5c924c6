import { createReadStream, createWriteStream } from "node:fs";
import type { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { GetObjectCommand, HeadObjectCommand, PutObjectCommand, S3Client } from "@aws-sdk/client-s3";
import { Upload } from "@aws-sdk/lib-storage";
import { type AwsAccess, awsClient } from "../../aws/clients";
import { unlessNamed } from "../../aws/failure";
import { onInterrupt } from "../../text/interrupt";
import type { Part } from "./archive";
import type { DumpPlace } from "./place";

/** A part of a dump may take so long on a slow line, in ms. */
const PART_MS = 120_000;

/** Dumps in a bucket of S3. An object is there whole, or not at all; its ETag changes with its contents. */
export class Bucket implements DumpPlace {
  private readonly client: S3Client;

  constructor(
    private readonly at: { readonly bucket: string; readonly prefix: string },
    access: AwsAccess,
  ) {
    this.client = awsClient(PathStyle, access, { request: PART_MS });
  }

  async text(file: string): Promise<string | undefined> {
    const answer = await there(this.client.send(new GetObjectCommand(this.key(file))));
    return answer?.Body?.transformToString("utf8");
  }

  async bytes(file: string): Promise<number | undefined> {
    return (await there(this.client.send(new HeadObjectCommand(this.key(file)))))?.ContentLength;
  }

  part(file: string): Part {
    return async (from, length) => {
      const range = `bytes=${from}-${from + length - 1}`;
      const { Body } = await this.client.send(new GetObjectCommand({ ...this.key(file), Range: range }));
      return Buffer.from((await Body?.transformToByteArray()) ?? []);
    };
  }

  async seal(file: string): Promise<string> {
    return sealOf(await this.client.send(new HeadObjectCommand(this.key(file))));
  }

  async write(file: string, text: string): Promise<void> {
    await this.client.send(
      new PutObjectCommand({ ...this.key(file), Body: text, ContentType: "application/json" }),
    );
  }

  async put(file: string, from: string): Promise<string> {
    // Above 5 GB, S3 takes an object in parts alone.
    const upload = new Upload({
      client: this.client,
      params: { ...this.key(file), Body: createReadStream(from) },
    });
    // What was uploaded of it is paid for until somebody ends it.
    const forget = onInterrupt(() => upload.abort());
    try {
      return sealOf(await upload.done());
    } finally {
      forget();
    }
  }

  async fetch(file: string, to: string): Promise<void> {
    const { Body } = await this.client.send(new GetObjectCommand(this.key(file)));
    await pipeline(Body as Readable, createWriteStream(to));
  }

  close(): void {
    this.client.destroy();
  }

  private key(file: string) {
    return { Bucket: this.at.bucket, Key: `${this.at.prefix}${file}` };
  }
}

/** An endpoint of one's own has no name for each bucket; AWS's own has, and takes the bucket in the path as well. */
class PathStyle extends S3Client {
  constructor(config: ConstructorParameters<typeof S3Client>[0] = {}) {
    super({ ...config, forcePathStyle: true });
  }
}

/** In quotes or not, it is the same: answers of different calls need not agree about that. */
const sealOf = ({ ETag = "" }: { readonly ETag?: string | undefined }) => `etag:${ETag.replaceAll('"', "")}`;

/** What S3 answers of an object; undefined where there is none. */
const there = <T>(call: Promise<T>) => unlessNamed(/^(NoSuchKey|NotFound)$/, undefined, call);
