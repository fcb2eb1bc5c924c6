import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, expect, onTestFinished, test } from "vitest";
import { z } from "zod";
import { pulumiJson } from "../../cli/pulumi";
import { callsFor } from "../../src/aws/denied";

afterEach(() => callsFor(undefined));

/** What is said where `pulumi` fails with these words. */
async function failing(words: string): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), "cutover-pulumi-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  writeFileSync(join(folder, "words"), words);
  writeFileSync(join(folder, "pulumi"), `#!/bin/sh\n/bin/cat ${join(folder, "words")} >&2\nexit 255\n`);
  chmodSync(join(folder, "pulumi"), 0o755);
  const thrown = await pulumiJson(folder, ["config"], z.unknown(), { env: { PATH: folder } }).catch(
    (error: unknown) => error,
  );
  return (thrown as Error).message;
}

test("what the state's bucket refuses is told with what prints the policy, without ids of requests", async () => {
  callsFor("doctor");
  const said = await failing(
    'error: blob (key ".pulumi/stacks/ops-view/stageA.json") (code=PermissionDenied): operation error S3: GetObject, https response error StatusCode: 403, RequestID: BX26C8V2, HostID: nuceQUgbjz=, api error AccessDenied: Access Denied\n',
  );
  expect(said).toContain("AWS does not let whoever calls do s3:GetObject (Access Denied)");
  expect(said).toContain('cutover permissions --account "…" doctor prints with --state-bucket');
  expect(said).not.toMatch(/RequestID|nuceQUgbjz/);
});

test("what the secrets' key refuses, too", async () => {
  callsFor("promote");
  const key = "arn:aws:kms:eu-central-1:123456789012:key/1234";
  const said = await failing(
    `error: secrets (code=PermissionDenied): operation error KMS: Decrypt, https response error StatusCode: 400, RequestID: 7d2e, api error AccessDeniedException: User: arn:aws:sts::123456789012:assumed-role/a/b is not authorized to perform: kms:Decrypt on resource: ${key} because no identity-based policy allows the kms:Decrypt action\n`,
  );
  expect(said).toContain("do kms:Decrypt on");
  expect(said).toContain(`cutover permissions --account 123456789012 promote prints with --state-key ${key}`);
});

test("anything else is told by its last line", async () => {
  expect(await failing("warning: old\nerror: no stack named 'stageA' found\n")).toContain(
    "error: no stack named 'stageA' found. Make the same pulumi command work",
  );
});
