import { execFile } from "node:child_process";
import { cpSync, existsSync, mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { describe, expect, it } from "vitest";
import { PROJECT, temporaryFolder } from "../sandbox/support";

const run = promisify(execFile);
const bootstrap = join(PROJECT, "cli", "bootstrap.mjs");

describe("the bootstrap", () => {
  it("runs a TypeScript program with its arguments and exit code", async () => {
    const program = join(temporaryFolder(), "program.ts");
    writeFileSync(
      program,
      'const words: string[] = process.argv.slice(2);\nconsole.log(words.join("+"));\nprocess.exitCode = 7;\n',
    );
    const ended = run(process.execPath, [bootstrap, program, "a", "--b"]);
    await expect(ended).rejects.toMatchObject({ code: 7, stdout: "a+--b\n" });
  });

  it("says so when there is no such program", async () => {
    await expect(run(process.execPath, [bootstrap, "no-such.ts"])).rejects.toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/^no-such\.ts does not exist/),
    });
  });

  it("installs through no link: npm ci would empty what it leads to", async () => {
    const checkout = temporaryFolder();
    const elsewhere = join(temporaryFolder(), "node_modules");
    mkdirSync(elsewhere);
    writeFileSync(join(elsewhere, "kept"), "");
    cpSync(join(PROJECT, "cli", "bootstrap.mjs"), join(checkout, "cli", "bootstrap.mjs"));
    cpSync(join(PROJECT, "package-lock.json"), join(checkout, "package-lock.json"));
    writeFileSync(join(checkout, "program.ts"), "");
    symlinkSync(elsewhere, join(checkout, "node_modules"));
    await expect(
      run(process.execPath, [join(checkout, "cli", "bootstrap.mjs"), "program.ts"]),
    ).rejects.toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/node_modules is a link.*Remove the link/),
    });
    expect(existsSync(join(elsewhere, "kept"))).toBe(true);
  });
});
