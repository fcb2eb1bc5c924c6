import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { APP_PAGES, CHAPTERS } from "./chapters";
import { BY_HAND, EXCEPTIONS, INSTEAD } from "./here";
import { blocksOf, commandsOf, PAGES, pathOf } from "./page";
import { unused } from "./plan";

const BLOCKS = PAGES.flatMap(blocksOf);
const COMMANDS = BLOCKS.filter(({ language }) => language === "sh").flatMap(commandsOf);

test("every page with a command is followed, once", () => {
  const followed = CHAPTERS.flatMap(({ pages }) => pages.map(({ page }) => page));
  expect([...followed, ...Object.keys(APP_PAGES)].sort()).toEqual(
    [...new Set(COMMANDS.map(({ page }) => page))].sort(),
  );
});

test.each(Object.entries(APP_PAGES))("%s is followed by a test of its own", (page, file) => {
  expect(readFileSync(join(__dirname, "app", file), "utf8")).toContain(`new AppPage("${page}")`);
});

test("no command hides in a block of another language", () => {
  const typed = /^(npm|npx|pulumi|aws|cutover|cd|export [A-Z_]+=)( |$|\b)/m;
  const hidden = BLOCKS.filter(
    // The reference is what the program itself prints.
    ({ page, language, text }) =>
      !["sh", "yaml"].includes(language) && !/^docs\/reference\//.test(page) && typed.test(text),
  );
  expect(hidden).toEqual([]);
  for (const page of PAGES.filter((one) => !/^docs\/reference\//.test(pathOf(one))))
    expect(blocksOf(page).filter(({ language }) => /^(bash|shell|console|zsh)$/.test(language))).toEqual([]);
});

describe("what is done otherwise than a page says it", () => {
  test("is on a page: commands that are not typed", () => {
    expect(unused(COMMANDS, EXCEPTIONS)).toEqual([]);
  });

  test("is on a page: words that something else stands for", () => {
    expect(INSTEAD.filter(({ words }) => !COMMANDS.some(({ text }) => text.includes(words)))).toEqual([]);
  });

  test("is on a page: commands with an answer", () => {
    expect(BY_HAND.filter(({ command }) => !COMMANDS.some(({ text }) => text === command))).toEqual([]);
  });

  test.each([...EXCEPTIONS, ...INSTEAD].map(({ because }) => because))("has a reason: %s", (because) => {
    expect(because.split(" ").length).toBeGreaterThan(3);
  });
});
