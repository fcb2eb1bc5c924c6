import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

/** Licences under which what others wrote may be part of the package. */
const ALLOWED = new Set([
  "MIT",
  "MIT-0",
  "ISC",
  "0BSD",
  "Apache-2.0",
  "BSD-2-Clause",
  "BSD-3-Clause",
  "BlueOak-1.0.0",
]);

/** Whether a licence, as SPDX writes it, lets what is under it be part of the package. Of several, all have to. */
export function isAllowed(licence: string): boolean {
  return licence
    .replaceAll(/[()]/g, "")
    .split(" AND ")
    .every((one) => ALLOWED.has(one));
}

/** One package that became part of compiled programs. */
interface Part {
  readonly name: string;
  readonly version: string;
  readonly licence: string;
  readonly text: string;
}

/** The folders of packages that files lie in: `node_modules/a/node_modules/@b/c/d.js` is of `node_modules/a/node_modules/@b/c`. */
export function packageFolders(files: readonly string[]): string[] {
  const found = files.flatMap((file) => /^.*node_modules\/(?:@[^/]+\/)?[^/]+/.exec(file)?.[0] ?? []);
  return [...new Set(found)].sort();
}

/**
 * The licences of all that others wrote and that is part of the compiled programs, as those licences ask. Throws where
 * one may not be.
 *
 * @param files the files that the programs were made of, from `root`
 */
export function notices(root: string, files: readonly string[]): string {
  const parts = packageFolders(files).map((folder) => partIn(join(root, folder)));
  const wrong = parts.filter(({ licence }) => !isAllowed(licence));
  if (wrong.length > 0)
    throw new Error(
      `The package may not hold ${wrong.map(({ name, licence }) => `${name} (${licence})`).join(", ")}: leave it out, or depend on it`,
    );
  const byText = new Map<string, Part[]>();
  for (const part of parts) byText.set(part.text, [...(byText.get(part.text) ?? []), part]);
  const chapters = [...byText].map(([text, of]) => {
    const names = new Set(of.map(({ name, version, licence }) => `${name} ${version} (${licence})`));
    return `${[...names].join("\n")}\n\n${text}`;
  });
  return ["The compiled programs of this package hold parts of these packages.", ...chapters].join(
    `\n\n${"-".repeat(80)}\n\n`,
  );
}

function partIn(folder: string): Part {
  const { name, version, license } = JSON.parse(readFileSync(join(folder, "package.json"), "utf8")) as {
    name: string;
    version: string;
    license?: string;
  };
  const file = readdirSync(folder).find((one) => /^licen[cs]e/i.test(one));
  const own =
    file === undefined || !existsSync(join(folder, file)) ? "" : readFileSync(join(folder, file), "utf8");
  return {
    name,
    version,
    licence: license ?? "none",
    text: own.replaceAll("\r\n", "\n").trim() || `It comes without a text; its licence is ${license}.`,
  };
}
