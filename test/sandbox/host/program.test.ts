import { spawnSync } from "node:child_process";
import { readdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { expect, it, onTestFinished } from "vitest";
import { writeProgram } from "../../../sandbox/host/program";
import { PROJECT, temporaryFolder } from "../support";

const KEPT = join(PROJECT, ".cutover", "sandbox");

/** A program of its own, which says a word of another file. */
function program() {
  const folder = temporaryFolder();
  onTestFinished(() => {
    for (const name of readdirSync(KEPT).filter((one) => one.includes(basename(folder))))
      rmSync(join(KEPT, name));
  });
  const [source, outfile] = [join(folder, "program.ts"), join(folder, "program.cjs")];
  const says = (word: string) => writeFileSync(join(folder, "word.ts"), `export const word = "${word}";\n`);
  says("first");
  writeFileSync(
    source,
    'import { word } from "./word";\nconsole.log(word, (globalThis as { OWN?: string }).OWN);\n',
  );
  const run = () => spawnSync(process.execPath, [outfile], { encoding: "utf8" }).stdout.trim();
  return { source, outfile, says, run };
}

it("is one file that runs by itself, with the constants that it is given", async () => {
  const { source, outfile, run } = program();
  await writeProgram(source, outfile, { constants: { OWN: "given" } });
  expect(run()).toBe("first given");
  await writeProgram(source, outfile, { constants: { OWN: "other" } });
  expect(run()).toBe("first other");
});

it("is made anew where a source has changed, and otherwise as asked", async () => {
  const { source, outfile, says, run } = program();
  await writeProgram(source, outfile);
  says("second");
  await writeProgram(source, outfile);
  expect(run()).toBe("second undefined");
  const before = statSync(outfile).size;
  await writeProgram(source, outfile, { keepNames: true });
  expect(statSync(outfile).size).toBeGreaterThanOrEqual(before);
});

it("fails with what is wrong with the source", async () => {
  const { source, outfile } = program();
  writeFileSync(source, "export const = 1;\n");
  await expect(writeProgram(source, outfile)).rejects.toThrow(/Expected identifier/);
});
