import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { cacheRoot, isMadeInPlace, madeInPlace } from "./cache";

/** Runs a program to its end. Rejects where it fails; `what` says what it was to do. */
export type RunStep = (what: string, command: string, args: readonly string[]) => Promise<void>;

/** A Python virtual environment with exactly the hashed requirements, installed once and shared by all clones. */
export class Venv {
  readonly folder: string;

  /**
   * @param name what it is for; its folder in the cache
   * @param requirements the file with the requirements
   * @param python the interpreter's own path: an environment is tied to the one that made it
   */
  constructor(
    private readonly name: string,
    private readonly requirements: string,
    private readonly python: string,
  ) {
    const key = createHash("sha256").update(readFileSync(requirements)).update(python);
    this.folder = join(cacheRoot(), name, key.digest("hex").slice(0, 16));
  }

  get installed(): boolean {
    return isMadeInPlace(this.folder);
  }

  /**
   * Installs it where that has not been done yet, and says where it is.
   *
   * @param more further options of pip
   */
  install(run: RunStep, more: readonly string[] = []): Promise<string> {
    return madeInPlace(this.folder, async (venv) => {
      await run(
        "Creating a Python virtual environment (on Debian and Ubuntu it needs the package python3-venv)",
        this.python,
        ["-m", "venv", venv],
      );
      await run(`Installing ${this.name} from the Python package index`, join(venv, "bin", "python"), [
        ...["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-input", ...more],
        ...["--require-hashes", "--requirement", this.requirements],
      ]);
    });
  }
}
