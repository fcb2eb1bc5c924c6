import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { type KeptFile, keepFile } from "../../../cli/env/keepFile";
import { envCommand } from "../../../cli/env/run";
import type { Live } from "../../../src/delivery/carry";

const UP: Live = { deployment: 3, flags: { READ: true, SHARE: 25 } };
const DOWN: Live = { deployment: 4, flags: { READ: false, SHARE: 0 } };

let folder: string;
let file: string;
let live: Live | undefined | Error;
let said: string[];
let ended: AbortController;
let keeping: Promise<void>;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "cutover-env-"));
  file = join(folder, "flags.env");
  live = UP;
  said = [];
  ended = new AbortController();
  keeping = Promise.resolve();
});
afterEach(async () => {
  ended.abort();
  await keeping.catch(() => {});
  rmSync(folder, { recursive: true, force: true });
});

function keep(more: Partial<KeptFile> = {}): Promise<void> {
  keeping = keepFile(
    {
      ...{ rollout: "search", file, carries: {}, everyMs: 5, runMs: 60_000 },
      live: async () => {
        if (live instanceof Error) throw live;
        return live;
      },
      say: (line) => void said.push(line),
      ...more,
    },
    ended.signal,
  );
  keeping.catch(() => {});
  return keeping;
}

/** Ends it, so that another one may begin. */
async function stop(): Promise<void> {
  ended.abort();
  await keeping;
  ended = new AbortController();
}

const text = () => (existsSync(file) ? readFileSync(file, "utf8") : "");
/** A command that writes down, a line for each run, what the file held then. */
const RUNS = "grep ^READ= flags.env >> runs";
const inFolder = (command: string) => `cd '${folder}' && ${command}`;
const runs = () =>
  existsSync(join(folder, "runs")) ? readFileSync(join(folder, "runs"), "utf8").trim().split("\n") : [];
const soon = <T>(look: () => T) => expect.poll(look, { timeout: 30_000, interval: 5 });

describe("a file that is kept as the ledger has the flags", () => {
  test("is written as a whole, for its owner alone, and follows", async () => {
    void keep({ carries: { names: { SHARE: "PERCENT" } } });
    await soon(text).toBe(
      "# cutover writes this file: the flags of search\n# and nothing else than READ PERCENT CUTOVER_FLAGS_VERSION\nREAD=true\nPERCENT=25\nCUTOVER_FLAGS_VERSION=3\n",
    );
    expect(statSync(file).mode & 0o777).toBe(0o600);
    live = DOWN;
    await soon(text).toContain("READ=false\nPERCENT=0\nCUTOVER_FLAGS_VERSION=4\n");
    expect(readdirSync(folder)).toEqual(["flags.env"]);
  });

  test("runs the command once for each change, and not for an entry with the same flags", async () => {
    void keep({ run: inFolder(RUNS) });
    await soon(runs).toEqual(["READ=true"]);
    live = { ...UP, deployment: 9 };
    await stop();
    void keep({ run: inFolder(RUNS) });
    live = DOWN;
    await soon(runs).toEqual(["READ=true", "READ=false"]);
  });

  test("runs it again where it failed, and says so once", async () => {
    void keep({ run: inFolder(`test -e mended && ${RUNS}`) });
    await soon(() =>
      said.filter((line) => /ended with exit code 1; it is tried again/.test(line)),
    ).toHaveLength(1);
    writeFileSync(join(folder, "mended"), "");
    await soon(runs).toEqual(["READ=true"]);
    await soon(() => said).toContain("search: all is well again");
    expect(said.filter((line) => /exit code 1/.test(line))).toHaveLength(1);
  });

  test("starts servers that whoever wrote it before started no more", async () => {
    void keep();
    await soon(text).toContain("READ=true");
    await stop();
    void keep({ run: inFolder(RUNS) });
    await soon(runs).toEqual(["READ=true"]);
  });

  test("ends a command that hangs, with what it has started, since flags that come down wait for it", async () => {
    void keep({ run: inFolder(`test -e mended && ${RUNS} || sleep 1000`), runMs: 200 });
    await soon(() => said.some((line) => line.includes("did not end within"))).toBe(true);
    live = DOWN;
    writeFileSync(join(folder, "mended"), "");
    await soon(runs).toEqual(["READ=false"]);
  });

  test("comes down at once while a command runs, which is ended and run anew", async () => {
    void keep({ run: inFolder(`${RUNS}; grep -q ^READ=false flags.env || sleep 1000`) });
    await soon(runs).toEqual(["READ=true"]);
    live = DOWN;
    await soon(text).toContain("READ=false");
    await soon(runs).toEqual(["READ=true", "READ=false"]);
    await soon(() => said.some((line) => line.startsWith("search: ran "))).toBe(true);
    expect(said.filter((line) => line.includes("tried again"))).toEqual([]);
  });

  test("says what keeps it from the ledger while a command runs, and lets that one end", async () => {
    void keep({ run: inFolder(`${RUNS}; until test -e go; do sleep 0.01; done`) });
    await soon(runs).toEqual(["READ=true"]);
    live = new Error("throttled");
    await soon(() => said).toContain("search: throttled; it is tried again");
    writeFileSync(join(folder, "go"), "");
    await soon(() => said.some((line) => line.startsWith("search: ran "))).toBe(true);
    expect(runs()).toEqual(["READ=true"]);
    expect(said.filter((line) => line.includes("throttled"))).toHaveLength(1);
  });

  test("stays as it is while the ledger cannot be read, and while a deployment is under way", async () => {
    void keep();
    await soon(text).toContain("READ=true");
    live = new Error("throttled");
    await soon(() => said).toContain("search: throttled; it is tried again");
    live = undefined;
    await soon(() => said).toContain("search: all is well again");
    expect(text()).toContain("READ=true");
  });

  test("is not written over where it is somebody else's, a file of another rollout's included", async () => {
    for (const other of [
      "PASSWORD=secret\n",
      "# cutover writes this file: the flags of other\nREAD=true\n",
    ]) {
      writeFileSync(file, other);
      await expect(keep()).rejects.toThrow("Nothing is written:");
      expect(text()).toBe(other);
    }
  });

  test("is left alone at the start where somebody added to it, whatever that looks like", async () => {
    void keep();
    await soon(text).toContain("READ=true");
    await stop();
    const own = text();
    for (const added of ["DATABASE_URL=postgres://u:secret@db/app", "DEBUG=true", "# a note"]) {
      const other = `${own}${added}\n`;
      writeFileSync(file, other);
      const refused = expect(keep()).rejects;
      await refused.toMatchObject({
        problems: [
          { where: "--write", what: `${file} holds something else than flags of search, in line 6` },
        ],
      });
      await refused.not.toThrow("secret");
      expect(text()).toBe(other);
    }
  });

  test.each([
    { other: () => "PASSWORD=secret\n", line: 1 },
    { other: () => `${text()}PASSWORD=secret\n`, line: 6 },
  ])("is left alone while it is kept, too, and said once, with what is live", async ({ other, line }) => {
    let looks = 0;
    void keep({
      live: async () => {
        looks += 1;
        return live as Live;
      },
    });
    await soon(text).toContain("READ=true");
    const own = text();
    const foreign = other();
    writeFileSync(file, foreign);
    live = DOWN;
    const left = `search: ${file} holds something else than flags of search, in line ${line}: it is left alone, while the ledger has READ false, SHARE 0 %, of deployment 4. `;
    await soon(() => said.filter((one) => one.startsWith(left))).toHaveLength(1);
    const then = looks;
    await soon(() => looks).toBeGreaterThan(then + 3);
    expect(text()).toBe(foreign);
    expect(said.filter((one) => one.startsWith(left))).toHaveLength(1);
    expect(said.join("\n")).not.toContain("secret");
    writeFileSync(file, own);
    await soon(text).toContain("READ=false");
    await soon(() => said).toContain("search: all is well again");
  });

  test("is put back where somebody changed it by hand, and servers are started anew", async () => {
    void keep({ run: inFolder(RUNS) });
    await soon(runs).toEqual(["READ=true"]);
    writeFileSync(file, text().replace("READ=true", "READ=false"));
    await soon(text).toContain("READ=true");
    await soon(runs).toEqual(["READ=true", "READ=true"]);
  });
});

test("what has no meaning together is refused, all at once", async () => {
  const asked = { folder, stage: "stageA", write: file, within: "soon" };
  await expect(envCommand(asked)).rejects.toMatchObject({
    problems: [{ where: "--write" }, { where: "--within" }],
  });
  await expect(envCommand({ folder, run: "true" })).rejects.toMatchObject({ problems: [{ where: "--run" }] });
});

test("a time is refused that no timer can wait for, and a file without a name, all at once", async () => {
  await expect(envCommand({ folder, write: "", within: "30d" })).rejects.toMatchObject({
    problems: [
      { where: "--write", what: "names no file" },
      { where: "--within", what: "30d is longer than 1 h" },
    ],
  });
  await expect(envCommand({ folder, write: "", within: "1h" })).rejects.toMatchObject({
    problems: [{ where: "--write" }],
  });
});

test("what can be no file is refused before anything is read from the ledger", async () => {
  writeFileSync(join(folder, "other"), "");
  const never = async () => {
    throw new Error("was read");
  };
  for (const [path, what] of [
    [folder, `${folder} is a folder`],
    ["/dev/null", "/dev/null is no plain file"],
    [join(folder, "none", "flags.env"), `there is no folder ${join(folder, "none")}`],
    [join(folder, "other", "flags.env"), `${join(folder, "other")} is no folder`],
  ] as const)
    await expect(keep({ file: path, live: never })).rejects.toMatchObject({
      problems: [{ where: "--write", what, remedy: expect.stringMatching(/./) }],
    });
  expect(said).toEqual([]);
});

test("a folder that goes is said once, without the names of files that are never seen", async () => {
  let looks = 0;
  file = join(folder, "deeper", "flags.env");
  mkdirSync(join(folder, "deeper"));
  void keep({
    live: async () => {
      looks += 1;
      return live as Live;
    },
  });
  await soon(text).toContain("READ=true");
  rmSync(join(folder, "deeper"), { recursive: true });
  await soon(() => said.some((line) => line.includes("tried again"))).toBe(true);
  const then = looks;
  await soon(() => looks).toBeGreaterThan(then + 3);
  expect(said.filter((line) => line.includes("tried again"))).toEqual([
    `search: ENOENT: no such file or directory, open '${file}'; it is tried again`,
  ]);
});
