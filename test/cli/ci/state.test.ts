import { cpSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { stateCommand } from "../../../cli/ci/state";

const own = {
  PULUMI_BACKEND_URL: "s3://state",
  PREVIEW_BACKEND_URL: "s3://copies",
  PREVIEW_CONFIG_PASSPHRASE: "of previews",
};
/** A rollout beside a `pulumi` that knows one stack of it, and can import none. */
const folder = mkdtempSync(join(tmpdir(), "cutover-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
for (const file of ["Pulumi.yaml", "Pulumi.baseline.yaml"])
  cpSync(join(__dirname, "..", "..", "..", file), join(folder, file));
writeFileSync(
  join(folder, "pulumi"),
  `#!/bin/sh
case "$1 $2" in
  whoami*) printf '{"url":"%s"}' "\${PULUMI_BACKEND_URL:-s3://logged-in}" ;;
  *ls) echo '[{"name":"organization/ops-view/baseline"}]' ;;
  *export) echo '{"version":3,"deployment":{}}' ;;
  *) echo hunter2; echo "error: no bucket" >&2; exit 1 ;;
esac
`,
  { mode: 0o755 },
);
const copied = (env: NodeJS.ProcessEnv) =>
  stateCommand({
    rollout: "ops-view",
    folder,
    env: { ...env, PATH: `${folder}:${process.env.PATH}` },
    print: () => {},
  });

describe("a copy of a state", () => {
  it("is not begun where it is not known whither, or encrypted with what: all of it at once", async () => {
    await expect(copied({})).rejects.toThrow(/PREVIEW_BACKEND_URL, PREVIEW_CONFIG_PASSPHRASE: is missing/);
    await expect(copied({ PREVIEW_SECRETS_PROVIDER: "awskms://alias/preview" })).rejects.toThrow(
      /PREVIEW_BACKEND_URL: is missing/,
    );
  });

  it.each([
    ["s3://state", "s3://state"],
    ["s3://state", "s3://state/"],
    ["s3://state?region=eu-central-1", "s3://state?region=us-east-1"],
    // Logged in, without a variable that says where.
    [undefined, "s3://logged-in"],
    ["https://app.pulumi.com/me", "https://app.pulumi.com/previews"],
  ])("never takes the place of the state: %s and %s", async (state, copies) => {
    await expect(copied({ ...own, PULUMI_BACKEND_URL: state, PREVIEW_BACKEND_URL: copies })).rejects.toThrow(
      /PREVIEW_BACKEND_URL: names the backend that the rollout's own state is kept in/,
    );
  });

  it("is told by its stack where it fails, and without what was read", async () => {
    const failed = copied(own);
    await expect(failed).rejects.toThrow(
      /The state of baseline is not copied for previews:\n.*stack baseline: error: no bucket\. Check both/,
    );
    await expect(failed).rejects.not.toThrow("hunter2");
  });
});
