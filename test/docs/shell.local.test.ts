import { mkdirSync, mkdtempSync, realpathSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { Shell } from "./shell";

let folder: string;
let shell: Shell;

beforeEach(() => {
  folder = realpathSync(mkdtempSync(join(tmpdir(), "cutover-shell-")));
  mkdirSync(join(folder, "in"));
  shell = Shell.open(folder, { PATH: process.env.PATH ?? "" }, folder);
});
afterEach(async () => {
  await shell.close();
  rmSync(folder, { recursive: true, force: true });
});

test("where a command goes and what it exports stays for the next one", async () => {
  expect(await shell.type("cd in")).toEqual({ code: 0, output: "" });
  await shell.type("export WORD=a=b QUOTED='two words'");
  const { output } = await shell.type('echo "$PWD $WORD $QUOTED"');
  expect(output).toBe(`${join(folder, "in")} a=b two words\n`);
});

test("each command's own output and code are told, in its order", async () => {
  expect(await shell.type("echo out; echo err >&2; false")).toEqual({ code: 1, output: "out\nerr\n" });
  expect(await shell.type("(exit 255)")).toEqual({ code: 255, output: "" });
  expect(await shell.type("no-such-command")).toMatchObject({ code: 127 });
});

test("a command reads what it is given, and no command after it", async () => {
  expect(await shell.type("cat", { input: "a secret" })).toEqual({ code: 0, output: "a secret" });
  expect(await shell.type("cat")).toEqual({ code: 0, output: "" });
});

test("Ctrl-C ends what runs, once it has printed what is waited for, and the shell goes on", async () => {
  const watching = await shell.type("bash -c 'echo drawn; exec sleep 600'", { interruptAt: /drawn/ });
  expect(watching).toEqual({ code: 130, output: "drawn\n" });
  expect((await shell.type("echo still here")).output).toBe("still here\n");
});

test("a command that asks on a terminal alone is answered there", async () => {
  const asks = `test -t 0 && read -r -p "Your name: " name && echo "Hello, $name" && exit 3`;
  const { code, output } = await shell.type(asks, { asked: { prompt: "name: ", answer: "it's me" } });
  expect(code, output).toBe(3);
  expect(output).toContain("Hello, it's me");
});

test("a command that takes the shell with it is told", async () => {
  await expect(shell.type("echo last; exit 3")).rejects.toThrow("exit 3: ended the shell. It printed:\nlast");
});
