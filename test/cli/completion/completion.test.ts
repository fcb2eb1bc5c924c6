import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { bashCompletion } from "../../../cli/completion/bash";
import { fishCompletion } from "../../../cli/completion/fish";
import { wordsOf } from "../../../cli/completion/tree";
import { zshCompletion } from "../../../cli/completion/zsh";
import { buildProgram } from "../../../cli/program";

const words = wordsOf(buildProgram(() => {}));

function isThere(shell: string): boolean {
  try {
    execFileSync(shell, ["-c", "true"], { stdio: "ignore" });
    return true;
  } catch {
    return false;
  }
}

describe.skipIf(!isThere("bash"))("bash", () => {
  let folder: string;
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), "completion-"));
    mkdirSync(join(folder, "other folder"));
    for (const stack of ["baseline", "stageA", "stageB"])
      writeFileSync(join(folder, `Pulumi.${stack}.yaml`), "");
    writeFileSync(join(folder, "Pulumi.yaml"), "");
    writeFileSync(join(folder, "other folder", "Pulumi.percent10.yaml"), "");
    writeFileSync(join(folder, "completion.bash"), bashCompletion(words));
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  /** What TAB proposes behind these words; the last one is what was typed of the next. */
  function proposed(...typed: string[]): string[] {
    const script =
      'source completion.bash; COMP_WORDS=(cutover "$@"); COMP_CWORD=$#; _cutover; printf "%s\\n" "${COMPREPLY[@]}"';
    const said = execFileSync("bash", ["--norc", "-c", script, "bash", ...typed], {
      cwd: folder,
      encoding: "utf8",
    });
    return said.split("\n").filter((line) => line !== "");
  }

  test.each<[string[], string[]]>([
    [["st"], ["status"]],
    [
      ["abort", "--"],
      [
        "--stage",
        "--to",
        "--flags",
        "--all",
        "--reason",
        "--reopen",
        "--rollout",
        "--region",
        "--follow",
        "--cwd",
        "--help",
      ],
    ],
    [
      ["abort", "-s", ""],
      ["baseline", "stageA", "stageB"],
    ],
    [
      ["abort", "-s", "stage"],
      ["stageA", "stageB"],
    ],
    [["drill", "--json", "--stage", "b"], ["baseline"]],
    [["abort", "--reason", ""], []],
    [["status", "--watch", "--js"], ["--json"]],
    [
      ["sandbox", ""],
      ["start", "env", "stop", "-h", "--help"],
    ],
    [
      ["completion", ""],
      ["-h", "--help", "bash", "zsh", "fish"],
    ],
    [["check", "-C", "oth"], ["other folder"]],
    [["check", "-C", "other folder", "-s", ""], ["percent10"]],
  ])("%j", (typed, expected) => {
    expect(proposed(...typed)).toEqual(expected);
  });

  test("proposes every command that there is", () => {
    expect(proposed("")).toEqual(expect.arrayContaining(words.commands.map(({ name }) => name)));
    expect(words.commands.map(({ name }) => name)).toEqual(
      expect.arrayContaining(["rehearse", "status", "abort", "completion"]),
    );
  });
});

test.skipIf(!isThere("zsh"))("zsh takes it", () => {
  const said = execFileSync("zsh", ["-f", "-c", "autoload -U compinit; compinit -u; source /dev/stdin"], {
    input: zshCompletion(words),
    encoding: "utf8",
  });
  expect(said).toBe("");
});

test.skipIf(!isThere("fish"))("fish takes it", () => {
  const asked = `${fishCompletion(words)}\ncomplete -C "cutover st"`;
  expect(execFileSync("fish", ["--no-config", "-c", asked], { encoding: "utf8" })).toContain("status");
});

test("each shell's script holds every command and long option", () => {
  const flags = words.commands.flatMap(({ options }) => options.flatMap((option) => option.flags));
  for (const script of [bashCompletion(words), zshCompletion(words)])
    for (const word of [...words.commands.map(({ name }) => name), ...flags]) expect(script).toContain(word);
  const fish = fishCompletion(words);
  for (const flag of flags.filter((one) => one.startsWith("--")))
    expect(fish).toContain(`-l ${flag.slice(2)}`);
});

test("quotes in a description stay in it", () => {
  const odd = {
    ...words,
    commands: [{ name: "a", description: "it's [so]: $(x)", options: [], commands: [], choices: [] }],
  };
  expect(zshCompletion(odd)).toContain(`'a:it'\\''s \\[so\\]\\: $(x)'`);
  expect(fishCompletion(odd)).toContain(`-d 'it\\'s [so]: $(x)'`);
});
