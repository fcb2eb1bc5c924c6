import { existsSync, readFileSync, statSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";
import type { Command } from "commander";
import { describe, expect, test } from "vitest";
import { parse } from "yaml";
import { METRICS } from "../../cli/init/answers";
import { filesOf } from "../../cli/init/files";
import { parseFlag, parseStage } from "../../cli/init/parse";
import { buildProgram } from "../../cli/program";
import { GENERATED } from "../../docs/generate";
import packageJson from "../../package.json";
import { parseRollout } from "../../src/rollout/parse";
import { type Block, blocksOf, commandsOf, PAGES, PROJECT, pagesIn } from "./page";

const BLOCKS = PAGES.flatMap(blocksOf);
const named = (language: string) =>
  BLOCKS.filter((block) => block.language === language).map((block, index): [string, Block] => [
    `${block.page} (${index + 1})`,
    block,
  ]);

/** Pages that contributors read, at the top of the checkout, and those of the kits: their commands are not followed one after the other. */
const BESIDE = [
  ...["ARCHITECTURE", "CHANGELOG", "CONTRIBUTING", "SECURITY"],
  ...["kit/README", "kit/BUCKETS", "kit/node/README", "kit/python/README"],
].map((name) => join(PROJECT, `${name}.md`));

describe("every link leads somewhere:", () => {
  test.each([...PAGES, ...BESIDE].map((page): [string, string] => [relative(PROJECT, page), page]))(
    "%s",
    (_, page) => {
      const text = readFileSync(page, "utf8");
      for (const [, target = ""] of text.matchAll(/\]\(([^)\s]+)\)/g)) {
        if (/^https?:/.test(target)) continue;
        const [path = "", anchor] = target.split("#");
        const file = path === "" ? page : resolve(dirname(page), path);
        expect(existsSync(file), target).toBe(true);
        if (anchor !== undefined && statSync(file).isFile())
          expect(readFileSync(file, "utf8").toLowerCase(), target).toMatch(
            new RegExp(`^#+ ${anchor.replaceAll("-", "[ -]")}$`, "m"),
          );
      }
    },
  );
});

describe("every YAML block is one that cutover takes:", () => {
  /** What `cutover init` writes for the tutorial, and a flag that ends on the way: a block says what differs in one of its files. */
  const files = filesOf(
    {
      name: "search",
      flags: ["SEARCH_READ", "SEARCH_WRITE", "BACKFILL"].map(parseFlag),
      stages: ["stageA:SEARCH_READ=true,BACKFILL=true", "stageB:SEARCH_WRITE=true"].map(parseStage),
      metrics: METRICS,
    },
    { program: "../../index.ts", schema: "../../docs/reference/stack.schema.json" },
  );

  test.each(named("yaml"))("%s", (_, { text }) => {
    const changed = /^# (Pulumi\.\w+\.yaml)\n/.exec(text)?.[1];
    expect(changed, "the block begins with the name of its file").toBeDefined();
    const merged = files.flatMap(({ name: file, text: own }) => {
      const stack = /^Pulumi\.(.+)\.yaml$/.exec(file)?.[1];
      if (stack === undefined) return [];
      const config = file === changed ? merge(parse(own), parse(text)) : parse(own);
      // What another block declares is there for each: here it stands by itself.
      if (stack === "baseline") {
        const own = config.config["cutover:rollout"];
        config.config["cutover:rollout"] = {
          servers: SERVERS,
          calendar: CALENDAR,
          release: RELEASE,
          service: SERVICE,
          backup: BACKUP,
          sources: SOURCES,
          database: DATABASE,
          ...own,
        };
      }
      return [{ stack, file, text: JSON.stringify(config) }];
    });
    expect(files.some(({ name }) => name === changed)).toBe(true);
    const parsed = parseRollout(merged, "folder");
    expect(parsed.ok ? [] : parsed.problems).toEqual([]);
  });

  const CALENDAR = { zone: "Europe/Berlin", days: ["mon"], open: "09:00", close: "17:30" };
  const RELEASE = { version: "v1.0.0", date: "2026-01-01" };
  const BACKUP = { dumps: "s3://ops-backups/postgres" };
  const DATABASE = { host: "ops-db.example.com", name: "ops", reads: ["invoices"] };
  const SOURCES = {
    prometheus: { url: "https://prometheus.example.com" },
    datadog: { url: "https://api.datadoghq.eu", headers: { "DD-API-KEY": "{datadog-api}" } },
  };
  const SERVICE = { url: "https://search.example.com" };
  const SERVERS = { urls: ["https://app.example.com"], path: "/feature-flags" };

  // biome-ignore lint/suspicious/noExplicitAny: whatever YAML holds
  function merge(base: any, over: any): any {
    if (typeof base !== "object" || typeof over !== "object" || !base || !over) return over;
    if (Array.isArray(over) || Array.isArray(base)) return over;
    const keys = new Set([...Object.keys(base), ...Object.keys(over)]);
    return Object.fromEntries(
      [...keys].map((key) => [key, key in over ? merge(base[key], over[key]) : base[key]]),
    );
  }
});

describe("every command is one that there is:", () => {
  const program = buildProgram(() => {});
  const PULUMI = /^pulumi (up|preview|destroy|login|config set|state unprotect|stack (init|output))( |$)/;

  test.each(named("sh"))("%s", (_, block) => {
    for (const { text: command } of commandsOf(block)) {
      if (
        /^(export [A-Z_]+=|aws |cd [.\w/-]+$|mkdir |npm (ci|test|link)$|npm (init|install|pack) |npx next |pip install |uvicorn |eval |source )/.test(
          command,
        )
      )
        continue;
      if (command.startsWith("pulumi ")) {
        expect(command).toMatch(PULUMI);
        continue;
      }
      const [, typed] = /^npx cutover (.*)$/.exec(command) ?? [];
      if (typed !== undefined) {
        check(wordsOf(typed));
        continue;
      }
      const [, script = "", rest = ""] = /^npm run (?:-s )?([\w:-]+)(?: -- (.*))?$/.exec(command) ?? [];
      expect(Object.keys(packageJson.scripts), command).toContain(script);
      if (script === "cutover") check(wordsOf(rest));
      if (script === "rehearse") check(["rehearse", ...wordsOf(rest)]);
    }
  });

  /** As commander would read it: no unknown word, and nothing missing. */
  function check(words: readonly string[]): void {
    let command: Command = program;
    let at = 0;
    for (; command.commands.length > 0 && at < words.length; at++) {
      const next = command.commands.find((one) => one.name() === words[at]);
      expect(next, words.join(" ")).toBeDefined();
      command = next as Command;
    }
    const { operands, unknown } = command.parseOptions(words.slice(at));
    expect(unknown, words.join(" ")).toEqual([]);
    const most = command.registeredArguments.some((argument) => argument.variadic)
      ? Number.POSITIVE_INFINITY
      : command.registeredArguments.length;
    expect(operands.length, words.join(" ")).toBeLessThanOrEqual(most);
    for (const option of command.options.filter((one) => one.mandatory))
      expect(
        words.some((word) => word === option.short || word === option.long),
        `${words.join(" ")} lacks ${option.flags}`,
      ).toBe(true);
  }

  function wordsOf(line: string): string[] {
    return (line.match(/"[^"]*"|\S+/g) ?? []).map((word) => word.replaceAll('"', ""));
  }
});

test("commands in running text are there, too", () => {
  const commands = buildProgram(() => {}).commands.map((command) => command.name());
  for (const page of PAGES)
    for (const [said, command = ""] of readFileSync(page, "utf8").matchAll(/`cutover ([a-z]+)/g))
      expect(commands, `${relative(PROJECT, page)}: ${said}`).toContain(command);
});

describe("the reference is what the code says; npm run docs writes it anew:", () => {
  test.each(
    Object.entries(GENERATED).map(([file, write]) => [relative(PROJECT, file), file, write] as const),
  )("%s", (_, file, write) => {
    expect(readFileSync(file, "utf8")).toBe(write());
  });
});

test("the index of the docs names every page", () => {
  const index = readFileSync(join(PROJECT, "docs", "README.md"), "utf8");
  for (const page of pagesIn(join(PROJECT, "docs"))) {
    const path = relative(join(PROJECT, "docs"), page);
    if (path !== "README.md") expect(index).toContain(`](${path})`);
  }
});
