import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { cruise, type ICruiseResult } from "dependency-cruiser";
import { expect, onTestFinished, test } from "vitest";

const rules = require("../.dependency-cruiser.cjs") as {
  forbidden: { readonly name: string }[];
  options: object;
};

/** A module that is there to be imported, in the house or outside. */
const THERE = [
  "node_modules/@pulumi/pulumi/index.js",
  "node_modules/pg/index.js",
  "src/text/low.ts",
  "sandbox/index.ts",
  "components/one.ts",
  "policies/rules/one.ts",
  "rollouts/one.ts",
  "cli/exit.ts",
  "kit/node/src/one.ts",
];

/** Writes a house with these imports, by file, and returns the rules that it breaks. */
async function broken(imports: Readonly<Record<string, readonly string[]>>): Promise<string[]> {
  const house = mkdtempSync(join(tmpdir(), "cutover-walls-"));
  onTestFinished(() => rmSync(house, { recursive: true, force: true }));
  const write = (file: string, text: string) => {
    mkdirSync(dirname(join(house, file)), { recursive: true });
    writeFileSync(join(house, file), text);
  };
  for (const file of THERE) write(file, file.endsWith(".js") ? "module.exports = {};\n" : "export {};\n");
  for (const name of ["@pulumi/pulumi", "pg"])
    write(`node_modules/${name}/package.json`, JSON.stringify({ name, main: "index.js" }));
  for (const [file, targets] of Object.entries(imports))
    write(file, `${targets.map((target) => `import ${JSON.stringify(target)};`).join("\n")}\nexport {};\n`);
  const { output } = await cruise(
    ["index.ts", "src", "components", "policies", "cli", "sandbox", "rollouts", "kit"],
    {
      baseDir: house,
      validate: true,
      ruleSet: { forbidden: rules.forbidden as never },
      doNotFollow: { path: "node_modules" },
      tsPreCompilationDeps: true,
    },
  );
  return [...new Set((output as ICruiseResult).summary.violations.map(({ rule }) => rule.name))].sort();
}

const HOUSE = { "index.ts": ["./src/promotion/x"], "src/promotion/x.ts": ["../text/low"] };

test("a house in which every arrow points down breaks nothing", async () => {
  expect(
    await broken({
      ...HOUSE,
      "cli/abort/run.ts": ["../exit", "../../src/promotion/x"],
      "cli/rehearse/run.ts": ["../abort/run", "../../sandbox"],
      "components/two.ts": ["@pulumi/pulumi", "../src/text/low"],
      "sandbox/demo/app.ts": ["../../kit/node/src/one"],
      "kit/node/src/two.ts": ["node:crypto", "pg", "./one"],
    }),
  ).toEqual([]);
});

/** One breach of each rule. */
const BREACHES: readonly (readonly [rule: string, imports: Readonly<Record<string, readonly string[]>>])[] = [
  ["no circle", { "src/text/a.ts": ["./b"], "src/text/b.ts": ["./a"] }],
  ["src/text knows no higher floor", { "src/text/a.ts": ["../aws/b"], "src/aws/b.ts": [] }],
  ["src/aws knows no higher floor", { "src/aws/a.ts": ["../flags/b"], "src/flags/b.ts": [] }],
  ["src/flags knows no higher floor", { "src/flags/a.ts": ["../gates/b"], "src/gates/b.ts": [] }],
  [
    "src/(channels|delivery) knows no higher floor",
    { "src/delivery/a.ts": ["../gates/b"], "src/gates/b.ts": [] },
  ],
  ["src/gates knows no higher floor", { "src/gates/a.ts": ["../rollout/b"], "src/rollout/b.ts": [] }],
  ["src/rollout knows no higher floor", { "src/rollout/a.ts": ["../probe/b"], "src/probe/b.ts": [] }],
  [
    "src/(abort|probe|messages|imports|measuring|backups) knows no higher floor",
    { "src/imports/a.ts": ["../lambda/b"], "src/lambda/b.ts": [] },
  ],
  ["src has no floor but these", { "src/more/a.ts": ["../text/low"] }],
  ["the wings do not know each other", { "src/abort/a.ts": ["../messages/b"], "src/messages/b.ts": [] }],
  ["src knows nothing outside", { "src/promotion/a.ts": ["../../sandbox"] }],
  ["components know src alone", { "components/two.ts": ["../policies/rules/one"] }],
  ["policies know src alone", { "policies/rules/two.ts": ["../../components/one"] }],
  ["the sandbox knows no command", { "sandbox/a.ts": ["../cli/exit"] }],
  ["a command knows no other command", { "cli/a/run.ts": ["../b/run"], "cli/b/run.ts": [] }],
  ["only rehearsals open a sandbox", { "cli/status/run.ts": ["../../sandbox"] }],
  ["a proof of a backup starts a database alone", { "cli/prove-backup/run.ts": ["../../sandbox"] }],
  [
    "a kind of gate knows no other kind",
    { "src/gates/kinds/sql.ts": ["./http.look"], "src/gates/kinds/http.look.ts": [] },
  ],
  // Through another module, too.
  ["policies reach no network", { "policies/rules/two.ts": ["../../src/gates/a"], "src/gates/a.ts": ["pg"] }],
  [
    "functions reach no Pulumi",
    { "src/lambda/probe.ts": ["../probe/a"], "src/probe/a.ts": ["@pulumi/pulumi"] },
  ],
  ["break-glass reaches no Pulumi", { "cli/abort/run.ts": ["../two"], "cli/two.ts": ["@pulumi/pulumi"] }],
  ["the kit knows itself alone", { "kit/node/src/a.ts": ["../../../src/text/low"] }],
  ["only apps import the kit", { "sandbox/a.ts": ["../kit/node/src/b"], "kit/node/src/b.ts": [] }],
];

test.each(BREACHES)("%s", async (rule, imports) => {
  expect(await broken({ ...HOUSE, ...imports })).toEqual([rule]);
});

test("no rule stands there without having been seen to act", () => {
  expect(BREACHES.map(([rule]) => rule)).toEqual(rules.forbidden.map(({ name }) => name));
});

/** A client of AWS that is made by hand. A rehearsal's are the sandbox's own, and never leave the machine. */
const BY_HAND = /\bnew (?:\w+\.)?\w+Client\b/;

test("clients of AWS are made in one place", () => {
  const root = join(__dirname, "..");
  const files = ["src", "components", "policies", "rollouts", "cli"].flatMap((room) =>
    readdirSync(join(root, room), { recursive: true, encoding: "utf8" })
      .filter((file) => file.endsWith(".ts") && !file.includes("node_modules"))
      .map((file) => join(room, file)),
  );
  const making = files.filter((file) => BY_HAND.test(readFileSync(join(root, file), "utf8")));
  expect(files.length).toBeGreaterThan(200);
  expect(making.filter((file) => !file.startsWith("cli/rehearse/"))).toEqual([]);
  for (const made of ["new SNSClient({})", "new sdk.SNSClient", "= new ECSClient("])
    expect(made).toMatch(BY_HAND);
});
