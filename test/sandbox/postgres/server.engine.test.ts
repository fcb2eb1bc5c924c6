import { execFileSync } from "node:child_process";
import { cpSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, expect, it } from "vitest";
import { startTestServer } from "../../support/postgres";

const before = process.umask();
afterEach(() => process.umask(before));

it.runIf(process.getuid?.() === 0)("starts where root keeps all of its files from others", async () => {
  const { disk, stop } = await startTestServer();
  // Nobody but root may enter it.
  const hidden = await mkdtemp(join(tmpdir(), "cutover-hidden-"));
  try {
    process.umask(0o077);
    cpSync(dirname(disk.bin), join(hidden, "native"), { recursive: true, verbatimSymlinks: true });
    execFileSync("chmod", ["-R", "go-rwx", hidden]);
    const own = await startTestServer(join(hidden, "native", "bin"));
    try {
      expect(own.disk.bin.startsWith(own.disk.root)).toBe(true);
      expect((await own.admin.query("select 1 as one")).rows).toEqual([{ one: 1 }]);
    } finally {
      await own.stop();
    }
  } finally {
    await stop();
    await rm(hidden, { recursive: true, force: true });
  }
});
