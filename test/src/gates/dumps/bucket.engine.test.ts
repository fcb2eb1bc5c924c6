import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { CreateBucketCommand, S3Client } from "@aws-sdk/client-s3";
import { afterAll, beforeAll, expect, it } from "vitest";
import { emulated } from "../../../../sandbox/aws/emulated";
import { Bucket } from "../../../../src/gates/dumps/bucket";
import { startTestAws, type TestAws } from "../../../support/emulator";
import { pointAwsTo } from "../../../support/standIn";

const REGION = "us-east-1";
let dir: string;
let aws: TestAws;

beforeAll(async () => {
  aws = await startTestAws();
  dir = aws.dir;
  const client = new S3Client({ ...emulated({ ...aws.emulator, region: REGION }), forcePathStyle: true });
  await client.send(new CreateBucketCommand({ Bucket: "ops-backups" }));
  client.destroy();
});
afterAll(() => aws?.stop());

function bucket(prefix: string, name = "ops-backups"): Bucket {
  pointAwsTo(aws.emulator.endpoint);
  return new Bucket({ bucket: name, prefix }, { region: REGION });
}

it("keeps a file whole, gives back parts of it, and tells one from another", async () => {
  const place = bucket("postgres/");
  const [from, to] = [join(dir, "from"), join(dir, "to")];
  // More than one part of an upload.
  const bytes = Buffer.alloc(11 * 1024 * 1024, "0123456789");
  await writeFile(from, bytes);
  const given = await place.put("ops-view/stageB-1.dump", from);
  expect(await place.bytes("ops-view/stageB-1.dump")).toBe(bytes.length);
  expect((await place.part("ops-view/stageB-1.dump")(13, 4)).toString()).toBe("3456");
  expect((await place.part("ops-view/stageB-1.dump")(bytes.length - 2, 2)).length).toBe(2);
  await place.fetch("ops-view/stageB-1.dump", to);
  expect((await readFile(to)).equals(bytes)).toBe(true);
  const seal = await place.seal("ops-view/stageB-1.dump");
  expect(seal).toMatch(/^etag:"?[0-9a-f]/);
  expect(given).toBe(seal);
  expect(await place.seal("ops-view/stageB-1.dump")).toBe(seal);
  await writeFile(from, bytes.subarray(1));
  await place.put("ops-view/stageB-1.dump", from);
  expect(await place.seal("ops-view/stageB-1.dump")).not.toBe(seal);
  // What lies below another prefix is another file.
  expect(await bucket("").bytes("ops-view/stageB-1.dump")).toBeUndefined();
  expect(await bucket("").bytes("postgres/ops-view/stageB-1.dump")).toBe(bytes.length - 1);
  // What is uploaded at once, too.
  await writeFile(from, "small");
  expect(await place.put("small", from)).toBe(await place.seal("small"));
  place.close();
});

it("says that a file is not there, and no bucket", async () => {
  const place = bucket("");
  expect(await place.text("ops-view/latest.json")).toBeUndefined();
  expect(await place.bytes("ops-view/latest.json")).toBeUndefined();
  await place.write("ops-view/latest.json", '{"a":"ü"}');
  expect(await place.text("ops-view/latest.json")).toBe('{"a":"ü"}');
  place.close();
  const none = bucket("", "no-such-bucket");
  await expect(none.text("x")).rejects.toThrow(/bucket/i);
  none.close();
});
