import { mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { parseDocument } from "yaml";
import { openSandbox, type Sandbox, silentProgress } from "../../sandbox";
import { publishOnce } from "../engine/publish";
import { CHECKOUT, Installed, must, run } from "./installed";

/**
 * The package as users have it: packed, installed into a repository of their own, and used there on a real engine. The
 * sandbox runs the compiled form of its programs, too.
 */
let shop: Installed;
let sandbox: Sandbox;
const FOLDER = join("rollouts", "search");
const GIVEN = ["--name", "search", "--flag", "SEARCH:percentage", "--stages", "p5,p50"];

beforeAll(async () => {
  shop = await Installed.make();
  vi.stubGlobal("CUTOVER_PACKAGED", true);
  sandbox = await openSandbox({ progress: silentProgress });
  await publishOnce(sandbox, ["Errors"], { namespace: "search" });
});
afterAll(async () => {
  vi.unstubAllGlobals();
  await sandbox?.stop();
  shop?.remove();
});

const version = (JSON.parse(readFileSync(join(CHECKOUT, "package.json"), "utf8")) as { version: string })
  .version;
const inRollout = (...path: string[]) => join(shop.folder, FOLDER, ...path);

function change(stack: string, path: readonly string[], value: unknown): void {
  const file = inRollout(`Pulumi.${stack}.yaml`);
  const document = parseDocument(readFileSync(file, "utf8"));
  document.setIn(["config", ...path], document.createNode(value));
  writeFileSync(file, document.toString());
}

async function pulumi(pack: string, ...args: string[]) {
  const { code, stdout, stderr } = await sandbox.pulumi([...args, "--non-interactive"], {
    cwd: inRollout(),
    env: { PULUMI_OPTION_POLICY_PACK: pack },
  });
  return { code, said: `${stdout}${stderr}` };
}

describe("the command", () => {
  it("says its version, and loads neither an SDK nor a package of the sandbox for that", async () => {
    const { code, stdout } = await shop.cutover(["--version"]);
    expect([code, stdout]).toEqual([0, `${version}\n`]);
    const probe = join(shop.folder, "probe.cjs");
    writeFileSync(
      probe,
      'process.on("exit", () => console.log(Object.keys(require.cache).filter((file) => /node_modules/.test(file)).join()));',
    );
    const bin = shop.file("cli", "cutover.mjs");
    const { stdout: loaded } = await must(
      process.execPath,
      ["--require", probe, bin, "--version"],
      shop.folder,
    );
    expect(loaded.trim().split("\n")).toEqual([
      version,
      [shop.file("spare.cjs"), shop.file("dist", "cli", "main.js")].join(),
    ]);
  });

  it("has no command that is about the repository of cutover itself", async () => {
    const { stdout } = await shop.cutover(["--help"]);
    expect(stdout).toMatch(/^ {2}rehearse /m);
    expect(stdout).not.toMatch(/^ {2}rows /m);
  });

  it("writes a rollout that runs the package, with a schema that is there, and finds it sound", async () => {
    const { code, said } = await shop.cutover(["init", FOLDER, ...GIVEN]);
    expect(code, said).toBe(0);
    expect(readdirSync(inRollout()).sort()).toEqual([
      "Pulumi.baseline.yaml",
      "Pulumi.p5.yaml",
      "Pulumi.p50.yaml",
      "Pulumi.yaml",
      "index.cjs",
    ]);
    const [, schema = ""] = /\$schema=(\S+)/.exec(readFileSync(inRollout("Pulumi.p5.yaml"), "utf8")) ?? [];
    expect(JSON.parse(readFileSync(inRollout(schema), "utf8"))).toHaveProperty("$schema");
    const valid = await shop.cutover(["validate", "--rollout", "search"]);
    expect(valid.code, valid.said).toBe(0);
    expect(valid.stdout).toMatch(/^search is sound: 1 flag, 3 stages/);
  });

  it("writes nothing where the package would not be found", async () => {
    const outside = join(sandbox.dir, "outside");
    const { code, said } = await run(
      process.execPath,
      [shop.file("cli", "cutover.mjs"), "init", outside, ...GIVEN],
      sandbox.dir,
    );
    expect(code).toBe(1);
    expect(said).toMatch(
      /has the package cutover installed.* install the file that npm pack made of it: npm install --save-dev \.\/cutover-[\d.]+\.tgz/,
    );
    expect(readdirSync(sandbox.dir)).not.toContain("outside");
  });
});

describe("a check of one's own", () => {
  const check = (statements: string) => `import { type Check, CheckFailed, hold } from "cutover";
export const searchAnswers: Check = async ({ parameters }) => {
  ${statements}
};
`;
  async function errors(module: string): Promise<string> {
    const moduleResolution = module === "preserve" ? "bundler" : module;
    const compilerOptions = {
      strict: true,
      noEmit: true,
      target: "es2022",
      types: [],
      module,
      moduleResolution,
    };
    const config = inRollout("tsconfig.json");
    writeFileSync(config, JSON.stringify({ compilerOptions, files: ["checks.ts"] }));
    const tsc = join(CHECKOUT, "node_modules", "typescript", "bin", "tsc");
    return (await run(process.execPath, [tsc, "-p", config], inRollout())).said;
  }

  it.each(["node16", "nodenext", "preserve"])(
    "is checked against the package's types, with module %s",
    async (module) => {
      writeFileSync(
        inRollout("checks.ts"),
        check('hold(parameters.sound === true, "it is not"); return "it is";'),
      );
      expect(await errors(module)).toBe("");
      writeFileSync(inRollout("checks.ts"), check("return parameters.sound === true;"));
      expect(await errors(module)).toMatch(/checks\.ts\(2,14\): error TS2322: .*Promise<boolean>/);
    },
  );

  it("that is missing is told with the other problems of its rollout", async () => {
    change("baseline", ["cutover:rollout", "service"], { url: "http://127.0.0.1:9" });
    change("p5", ["cutover:stage", "entry", "A9"], {
      title: "Search answers",
      source: "check",
      check: "search-answers",
    });
    writeFileSync(inRollout("checks.ts"), 'export { hold as other } from "cutover";\n');
    const { code, said } = await shop.cutover(["validate", "--rollout", "search"]);
    expect(code).toBe(1);
    expect(said).toContain("A9: does not export searchAnswers; it exports other. Write there:");
    writeFileSync(
      inRollout("checks.ts"),
      check('hold(parameters.sound === true, "it is not"); return "it is";'),
    );
  });
});

describe("on an engine", () => {
  /** As `pulumi policy publish` sends it, and as the engine of another machine unpacks it. */
  async function published(): Promise<string> {
    const folder = join(sandbox.dir, "published");
    mkdirSync(folder);
    const pack = ["pack", "--json", "--pack-destination", folder];
    const { stdout } = await must("npm", pack, shop.file("dist", "policies"));
    const [{ filename, files }] = JSON.parse(stdout) as [{ filename: string; files: { path: string }[] }];
    expect(files.map(({ path }) => path).sort()).toEqual(["PulumiPolicy.yaml", "index.js", "package.json"]);
    await must("tar", ["-xzf", filename], folder);
    symlinkSync(join(shop.folder, "node_modules"), join(folder, "node_modules"));
    return join(folder, "package");
  }

  it("the first stage is previewed and comes up, with the package's program and its policy pack", async () => {
    const pack = shop.file("dist", "policies");
    for (const stack of ["baseline", "p5"]) {
      const made = await pulumi(pack, "stack", "init", stack);
      expect(made.code, made.said).toBe(0);
    }
    const preview = await pulumi(pack, "preview", "--stack", "baseline");
    expect(preview.code, preview.said).toBe(0);
    expect(preview.said).toMatch(/Policies:\s+✅ cutover@v/);
    const up = await pulumi(pack, "up", "--yes", "--skip-preview", "--stack", "baseline");
    expect(up.code, up.said).toBe(0);
  });

  it("the next one is blocked by its sign-off and by the rollout's own check, also by the pack as it is published", async () => {
    const preview = await pulumi(await published(), "preview", "--stack", "p5");
    expect(preview.code).not.toBe(0);
    expect(preview.said).toContain("search p5, attempt 1, is not promoted: 0 of 2 gates pass.");
    expect(preview.said).toMatch(/A9\s*│\s*FAIL\s*│\s*Search answers\s*│[\s│]*observed\s+it is not/);
    expect(preview.said).toMatch(/❌ cutover@v/);
    // The functions are those of the package: nothing of it was made here.
    expect(readdirSync(shop.file())).not.toContain(".cutover");
  });

  it("its template makes a rollout that is sound, under the name that is asked for", async () => {
    const folder = join(shop.folder, "made");
    const asked = [
      "new",
      shop.file("template"),
      "--generate-only",
      "--yes",
      "--name",
      "made",
      "--dir",
      folder,
    ];
    const { code, stdout, stderr } = await sandbox.pulumi([...asked, "--non-interactive"], {
      cwd: sandbox.dir,
    });
    expect(code, stdout + stderr).toBe(0);
    const valid = await shop.cutover(["validate"], "made");
    expect(valid.code, valid.said).toBe(0);
    expect(valid.stdout).toMatch(/^made is sound: 1 flag, 4 stages/);
    for (const file of readdirSync(folder))
      expect(readFileSync(join(folder, file), "utf8"), file).not.toContain("${");
  });

  it("what is printed to be typed is typed from anywhere", async () => {
    const { stdout } = await shop.cutover(["runbook", "-s", "p5", "--rollout", "search"]);
    const [line = ""] = /npx cutover status --rollout search[^\n`]*/.exec(stdout) ?? [];
    expect(stdout).not.toContain("npm run");
    const elsewhere = line.replace("npx", `npx --prefix ${shop.folder}`);
    expect(line).not.toBe("");
    const { code, said } = await run("sh", ["-c", elsewhere], sandbox.dir, sandbox.env);
    expect(code, said).toBe(0);
    expect(said).toContain("search");
  });
});
