import { mkdtemp, readdir, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { beforeEach, expect, it } from "vitest";
import { Folder, sha256Of } from "../../../../src/gates/dumps/folder";

let root: string;
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), "cutover-folder-"));
  return () => rm(root, { recursive: true, force: true });
});

const place = () => new Folder(join(root, "dumps"));

it("says that a file is not there, also where the folder is not", async () => {
  expect(await place().text("ops/latest.json")).toBeUndefined();
  expect(await place().bytes("ops/latest.json")).toBeUndefined();
});

it("keeps a file that nobody else may read, whole and under its name alone", async () => {
  const [from, to] = [join(root, "from"), join(root, "to")];
  await writeFile(from, "0123456789", { mode: 0o644 });
  await place().put("ops/b-1.dump", from, await sha256Of(from));
  await place().write("ops/b-1.json", "{}");
  expect(await readdir(join(root, "dumps/ops"))).toEqual(["b-1.dump", "b-1.json"]);
  for (const file of ["b-1.dump", "b-1.json"])
    expect((await stat(join(root, "dumps/ops", file))).mode & 0o777).toBe(0o600);
  expect((await stat(join(root, "dumps/ops"))).mode & 0o777).toBe(0o700);
  expect(await place().bytes("ops/b-1.dump")).toBe(10);
  expect((await place().part("ops/b-1.dump")(8, 5)).toString()).toBe("89");
  await place().fetch("ops/b-1.dump", to);
  expect((await stat(to)).size).toBe(10);
});

it("tells a file's contents from any other's", async () => {
  await place().write("a", "one");
  await place().write("b", "one");
  await place().write("c", "two");
  const [a, b, c] = await Promise.all(["a", "b", "c"].map((file) => place().seal(file)));
  expect(a).toMatch(/^sha256:[0-9a-f]{64}$/);
  expect(b).toBe(a);
  expect(c).not.toBe(a);
});

it("gives the seal of what it was given, and not of what became of it", async () => {
  const from = join(root, "from");
  await writeFile(from, "0123456789");
  expect(await place().put("a", from, await sha256Of(from))).toBe(await place().seal("a"));
  // A copy that is another file shows as one.
  const other = "ab".repeat(32);
  expect(await place().put("a", from, other)).toBe(`sha256:${other}`);
});
