import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import ts from "typescript";
import { describe, expect, test } from "vitest";
import { KINDS } from "../../../src/gates/registry";

const ROOT = join(__dirname, "../../..");
const NAMES = Object.keys(KINDS);
const kinds = Object.entries(KINDS);

describe("each kind", () => {
  test.each(kinds)("%s stands under the name that config calls it", (name, { schema }) => {
    expect(schema.shape.source.value).toBe(name);
  });

  test.each(kinds)("%s is one pure file, one that looks, and a row of the docs", (name, kind) => {
    expect(existsSync(join(ROOT, `src/gates/kinds/${name}.ts`))).toBe(true);
    expect(existsSync(join(ROOT, `src/gates/kinds/${name}.look.ts`))).toBe(kind.sees !== undefined);
    expect(readFileSync(join(ROOT, "docs/reference/gates.md"), "utf8")).toContain(`| \`${name}\` |`);
  });

  test("what asks the database, the service, named sources or the servers may lie in a private network, and nothing else", () => {
    const away = kinds.filter(([, kind]) => "inNetwork" in kind && kind.inNetwork).map(([name]) => name);
    expect(away).toEqual(["sql", "http", "requests", "elsewhere", "convergence", "everyServer"]);
    // The rollout's own code asks them as well, and is looked at from here alone: config refuses it beside `measure`.
    // The rollout's own code asks them as well, and a provider is asked as a service is; both are looked at from here alone:
    // config refuses them beside `measure`.
    const asking = kinds.filter(([name, { sees }]) => sees && asks(name)).map(([name]) => name);
    expect(asking.filter((name) => !away.includes(name))).toEqual(["check", "providerBackup"]);
  });

  test("what it sees is called as no other kind's", () => {
    const seen = kinds.flatMap(([, { sees }]) => (sees ? [sees.shape.kind.value] : []));
    expect(new Set(seen).size).toBe(seen.length);
  });

  test("what its verdict depends on is called as no other kind's", () => {
    const facts = kinds.flatMap(([, { facts }]) => Object.keys(facts ?? {}));
    expect(new Set(facts).size).toBe(facts.length);
  });
});

/** Whether a kind looks at the database, at the service, or at any address by itself. */
function asks(name: string): boolean {
  const text = readFileSync(join(ROOT, `src/gates/kinds/${name}.look.ts`), "utf8");
  return /\bfetch\(|\bsend\(service\b|\bsql\.observe\(/.test(text);
}

/** Where a program branches on the name of a gate's kind, instead of asking the kind. */
function branches(text: string): string[] {
  const found: string[] = [];
  const isSource = (node: ts.Node | undefined): boolean =>
    node !== undefined &&
    ((ts.isIdentifier(node) && node.text === "source") ||
      (ts.isPropertyAccessExpression(node) && node.name.text === "source"));
  const isName = (node: ts.Node) => ts.isStringLiteralLike(node) && [...NAMES, "shared"].includes(node.text);
  const compares = (node: ts.Node): boolean => {
    if (ts.isBinaryExpression(node) && /^[!=]==?$/.test(node.operatorToken.getText()))
      return (isSource(node.left) && isName(node.right)) || (isName(node.left) && isSource(node.right));
    if (ts.isSwitchStatement(node)) return isSource(node.expression);
    if (ts.isCallExpression(node) && ts.isPropertyAccessExpression(node.expression))
      return ["includes", "has", "get"].includes(node.expression.name.text) && isSource(node.arguments[0]);
    if (ts.isElementAccessExpression(node))
      return isSource(node.argumentExpression) && node.expression.getText() !== "KINDS";
    const listed = ts.isArrayLiteralExpression(node)
      ? node.elements.map((one) => isName(one))
      : ts.isObjectLiteralExpression(node)
        ? node.properties.map((one) => one.name !== undefined && NAMES.includes(one.name.getText()))
        : [];
    return listed.length > 2 && listed.every(Boolean);
  };
  const visit = (node: ts.Node) => {
    if (compares(node)) found.push(node.getText());
    ts.forEachChild(node, visit);
  };
  visit(ts.createSourceFile("one.ts", text, ts.ScriptTarget.Latest, true));
  return found;
}

test.each([
  'if (gate.source === "soak") wait();',
  'const one = gates.filter(({ source }) => "metric" !== source);',
  "switch (definition.source) { default: }",
  'const free = ["soak", "date"].includes(gate.definition.source);',
  "const words = WORDS[gate.source];",
  'const free = ["soak", "date", "drill"];',
  "const allowed = { soak: 1, sql: 2, metric: 3 };",
])("a branch is seen as one: %s", (text) => {
  expect(branches(text)).toHaveLength(1);
});

// It reads every file: on a busy machine that takes as long as it takes.
test("no file but the kinds and their registries branches on a kind's name", { timeout: 300_000 }, () => {
  const rooms = ["src", "components", "policies", "cli", "sandbox", "rollouts", "docs"];
  const files = rooms
    .flatMap((room) =>
      readdirSync(join(ROOT, room), { recursive: true, encoding: "utf8" }).map((file) => `${room}/${file}`),
    )
    .filter((file) => file.endsWith(".ts") && !/^src\/gates\/(kinds\/|registry\.ts|looks\.ts)/.test(file));
  expect(files.length).toBeGreaterThan(300);
  const told = ["index.ts", ...files].flatMap((file) =>
    branches(readFileSync(join(ROOT, file), "utf8")).map((text) => `${file}: ${text}`),
  );
  expect(told).toEqual([]);
});
