import { expect, test } from "vitest";
import { bucketOf, dumpAddress } from "../../../../src/gates/dumps/address";

test.each([
  ["s3://ops-backups", { bucket: "ops-backups", prefix: "" }],
  ["s3://ops-backups/", { bucket: "ops-backups", prefix: "" }],
  ["s3://ops-backups/postgres", { bucket: "ops-backups", prefix: "postgres/" }],
  ["s3://ops.backups/a/b/", { bucket: "ops.backups", prefix: "a/b/" }],
  ["/var/backups", undefined],
])("%s", (address, bucket) => {
  expect(dumpAddress.safeParse(address).success).toBe(true);
  expect(bucketOf(address)).toEqual(bucket);
});

test.each([
  "backups",
  "./backups",
  "s3://",
  "s3://B",
  "s3:/ops",
  "https://ops.s3.amazonaws.com",
  "",
  "s3://a*b/c",
])("%s is none", (address) => {
  expect(dumpAddress.safeParse(address).success).toBe(false);
});
