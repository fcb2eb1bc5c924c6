import { execFile } from "node:child_process";
import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

export const CHECKOUT = join(__dirname, "..", "..");

/** What a program said, and how it ended. */
export interface Ran {
  readonly code: number;
  readonly stdout: string;
  readonly said: string;
}

/** Runs a program to its end, with what npm around this test has set left out. */
export function run(
  command: string,
  args: readonly string[],
  cwd: string,
  env: Readonly<Record<string, string | undefined>> = process.env,
): Promise<Ran> {
  const kept = Object.entries(env).filter(
    ([name]) => !/^(npm_(?!config_)|INIT_CWD|NODE_OPTIONS$|VITEST)/.test(name),
  );
  return new Promise((done) => {
    const child = execFile(
      command,
      args,
      { cwd, env: Object.fromEntries(kept) as NodeJS.ProcessEnv, maxBuffer: 64 * 1024 * 1024 },
      (error, stdout, stderr) => {
        const code = error ? (child.exitCode ?? 1) : 0;
        done({ code, stdout, said: `${stdout}${stderr}` });
      },
    );
  });
}

/** The same; throws where it fails. */
export async function must(...given: Parameters<typeof run>): Promise<Ran> {
  const ran = await run(...given);
  if (ran.code !== 0) throw new Error(`${given[0]} ${given[1].join(" ")} failed:\n${ran.said}`);
  return ran;
}

/** Builds the package in this checkout. */
const build = () =>
  must(process.execPath, [join("cli", "bootstrap.mjs"), join("package", "build.ts")], CHECKOUT);

/** A repository of somebody's own with nothing in it but the package, as npm packs and installs it. */
export class Installed {
  private constructor(
    private readonly home: string,
    /** Where its package.json is. */
    readonly folder: string,
    /** What was packed, by its paths. */
    readonly files: readonly string[],
    /** Of the archive, in bytes. */
    readonly size: number,
  ) {}

  static async make(): Promise<Installed> {
    const home = realpathSync(mkdtempSync(join(tmpdir(), "cutover-installed-")));
    await build();
    const pack = ["pack", "--json", "--ignore-scripts", "--pack-destination", home];
    const [packed] = JSON.parse((await must("npm", pack, CHECKOUT)).stdout) as [
      { filename: string; size: number; files: { path: string }[] },
    ];
    const folder = join(home, "shop");
    mkdirSync(folder);
    // Of another kind than the package: a program is found all the same.
    writeFileSync(join(folder, "package.json"), '{ "name": "shop", "private": true, "type": "module" }\n');
    const install = ["install", "--prefer-offline", "--no-audit", "--no-fund", join(home, packed.filename)];
    await must("npm", install, folder);
    const files = packed.files.map(({ path }) => path).sort();
    return new Installed(home, folder, files, packed.size);
  }

  /** A file or folder of the package, where it is installed. */
  file(...path: readonly string[]): string {
    return join(this.folder, "node_modules", "cutover", ...path);
  }

  /** `npx cutover`, typed in the repository's root or a folder of it. */
  cutover(args: readonly string[], folder = ".", env?: Readonly<Record<string, string>>): Promise<Ran> {
    return run("npx", ["cutover", ...args], join(this.folder, folder), { ...process.env, ...env });
  }

  remove(): void {
    rmSync(this.home, { recursive: true, force: true });
  }
}
