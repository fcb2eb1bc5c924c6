import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { CHAPTERS } from "./chapters";
import { Readers } from "./readers";

/**
 * Every command of every page is typed, in the order of the page, in a sandbox, and has to end as the page says. What is
 * not typed, or otherwise, stands in `here.ts`. Pages of a chapter lean on those before them.
 */

let readers: Readers;
beforeAll(async () => {
  readers = await Readers.begin();
});
afterAll(() => readers?.end(), 15 * 60_000);

describe.each(CHAPTERS)("$name", ({ pages }) => {
  test.each(pages)("$page", { timeout: 30 * 60_000 }, async (page) => {
    const wrong = await readers.outcomeOf(page);
    if (wrong !== undefined) expect.fail(wrong);
  });
});
