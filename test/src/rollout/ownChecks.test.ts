import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { CheckContext } from "../../../src/gates/smokeCheck";
import { CheckFailed } from "../../../src/gates/smokeCheck";
import { exportOf, missingChecks, ownChecks } from "../../../src/rollout/ownChecks";
import { forwardOwn } from "../../../src/rollout/ownModule";
import { gateOf } from "../../support/build";

const SOURCE = join(__dirname, "..", "..", "..", "src", "gates", "smokeCheck");
const gate = (id: string, check: string) => gateOf(id, { source: "check", check });
const stage = (...gates: ReturnType<typeof gate>[]) => ({
  entry: {},
  exit: {},
  smoke: Object.fromEntries(gates.map(({ id, definition }) => [id, definition])),
});
const rollout = (...gates: ReturnType<typeof gate>[]) => ({ stages: [stage(...gates)] }) as never;
const context = { parameters: { answer: 42 } } as unknown as CheckContext;

let root: string;
let count = 0;

beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), "cutover-own-"));
});
afterAll(() => rmSync(root, { recursive: true, force: true }));

/** A rollout's folder with these files. */
function folderWith(files: Readonly<Record<string, string>>): string {
  const folder = join(root, String(count++));
  mkdirSync(folder);
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
  return folder;
}

const run = (check: string, files: Readonly<Record<string, string>>) =>
  ownChecks(rollout(gate("D1", check)), folderWith(files))[check]?.(context);

describe("a check of the rollout's own", () => {
  test.each([
    [
      "TypeScript",
      "checks.ts",
      "export const isSound = async ({ parameters }: { parameters: any }): Promise<string> => `saw ${parameters.answer}`;",
    ],
    ["its name as it stands", "checks.ts", 'const it = async () => "saw 42";\nexport { it as "is-sound" };'],
    ["JavaScript", "checks.js", 'exports.isSound = async () => "saw 42";'],
    [
      "a module",
      "checks.mjs",
      'import { join } from "node:path";\nexport const isSound = async () => ["saw", join("42")].join(" ");',
    ],
  ])("is found in %s", async (_, file, text) => {
    expect(await run("is-sound", { [file]: text })).toBe("saw 42");
  });

  test("may import from beside it", async () => {
    const files = {
      "checks.ts": 'import { answer } from "./answer";\nexport const isSound = async () => answer;',
      "answer.ts": "export const answer: string = 'from beside';",
    };
    expect(await run("is-sound", files)).toBe("from beside");
  });

  test("fails as such, though its file has a copy of `hold` of its own", async () => {
    const text = `import { hold } from ${JSON.stringify(SOURCE)};\nexport const isSound = async () => { hold(false, "it is not"); return ""; };`;
    const failure = await run("is-sound", { "checks.ts": text })?.catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(CheckFailed);
    expect(failure).toHaveProperty("message", "it is not");
    expect(new Error("it is not")).not.toBeInstanceOf(CheckFailed);
  });

  test("is not loaded before it runs", async () => {
    const folder = folderWith({ "checks.ts": 'throw new Error("loaded");' });
    const checks = ownChecks(rollout(gate("D1", "is-sound")), folder);
    expect(Object.keys(checks)).toEqual(["is-sound"]);
    await expect(checks["is-sound"]?.(context)).rejects.toThrow(
      /checks\.ts: cannot be loaded: loaded\. Mend it/,
    );
  });
});

test("a copy of a rollout elsewhere runs the checks of the one that it was copied from", async () => {
  const source = folderWith({
    "checks.ts": 'import { answer } from "./answer";\nexport const isSound = async () => answer;',
    "answer.ts": "export const answer: string = 'from beside';",
  });
  const folder = folderWith({});
  forwardOwn(source, folder);
  expect(readdirSync(folder)).toEqual(["checks.cjs"]);
  expect(await ownChecks(rollout(gate("D1", "is-sound")), folder)["is-sound"]?.(context)).toBe("from beside");
});

const BROKEN: readonly [string, Readonly<Record<string, string>>, RegExp][] = [
  ["is not there", {}, /is not there beside the stack files\. Write there: export const isSound: Check/],
  [
    "has another",
    { "checks.ts": "export const isSund = async () => '';" },
    /does not export isSound; it exports isSund/,
  ],
  ["has none", { "checks.ts": "const isSound = 1;" }, /does not export isSound; it exports nothing/],
  [
    "is no function",
    { "checks.ts": "export const isSound = true;" },
    /exports isSound, which is no function/,
  ],
  [
    "does not parse",
    { "checks.ts": "export const = ;" },
    /checks\.ts: cannot be loaded: .*checks\.ts:1:13: ERROR: .*Mend it/,
  ],
  [
    "needs what is not installed",
    { "checks.ts": 'import "nobody-has-this";' },
    /cannot be loaded: Cannot find module 'nobody-has-this'/,
  ],
  [
    "is there twice",
    { "checks.ts": "", "checks.js": "" },
    /is there 2 times: checks\.js, checks\.ts\. Keep one/,
  ],
];

test.each(BROKEN)("checks.ts that %s is told in one line, with the row", async (_, files, said) => {
  const problems = await missingChecks([gate("D1", "is-sound")], folderWith(files));
  expect(problems).toHaveLength(1);
  const [{ where, what, remedy } = { where: "", what: "", remedy: "" }] = problems;
  expect(where).toBe("D1");
  expect(`${what}. ${remedy}`).toMatch(said);
  expect(`${what}. ${remedy}`).not.toContain("\n");
});

test.each(BROKEN)("and a check of it that %s cannot be made", async (_, files, said) => {
  await expect(run("is-sound", files)).rejects.toThrow(said);
});

test("all that are missing are told at once, and gates of other kinds ask for no file", async () => {
  const folder = folderWith({ "checks.ts": "export const one = async () => '';" });
  const gates = [gate("D1", "one"), gate("D2", "two"), gate("D3", "three")];
  expect((await missingChecks(gates, folder)).map(({ where }) => where)).toEqual(["D2", "D3"]);
  const http = gateOf("D4", { source: "http", request: { path: "/" } });
  expect(await missingChecks([http], join(root, "nowhere"))).toEqual([]);
});

test("a check's export is a name that TypeScript takes, wherever its words are names", () => {
  const word = fc.stringMatching(/^[a-z][a-z0-9]{0,5}$/);
  fc.assert(
    fc.property(fc.array(word, { minLength: 1, maxLength: 4 }), (words) => {
      const name = exportOf(words.join("-"));
      expect(name).toMatch(/^[a-z][A-Za-z0-9]*$/);
      expect(name.toLowerCase()).toBe(words.join(""));
      expect(exportOf(name)).toBe(name);
    }),
  );
});
