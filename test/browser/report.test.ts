import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import axe from "axe-core";
import type { Browser, BrowserContextOptions, Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import type { ReportData } from "../../cli/report/data";
import { render } from "../../cli/report/render";
import { at, partialFixture, reportFixture } from "../cli/report/fixture";
import { findBrowser, NO_BROWSER, openBrowser } from "./chromium";

const executable = findBrowser();
if (executable === undefined) console.warn(NO_BROWSER);

test("there is a browser to try the page in", ({ skip }) => {
  if (executable === undefined && !process.env.CI) skip(NO_BROWSER);
  expect(executable, NO_BROWSER).toBeDefined();
});

describe.skipIf(executable === undefined)("the report page, in a browser", () => {
  let browser: Browser;
  let folder: string;
  /** What the page said, asked for, or went wrong with. */
  let noises: string[];

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), "cutover-page-"));
    browser = await openBrowser(executable as string);
  }, 60_000);
  afterAll(async () => {
    await browser?.close();
    rmSync(folder, { recursive: true, force: true });
  });
  afterEach(() => {
    expect(noises, "the page is silent, and asks for nothing").toEqual([]);
  });

  /** Opens the page of a report as a file, as people do. */
  async function open(data: ReportData, options: BrowserContextOptions = {}): Promise<Page> {
    noises = [];
    const file = join(folder, "report.html");
    writeFileSync(file, render(data));
    const url = pathToFileURL(file).href;
    const context = await browser.newContext({ viewport: { width: 1_280, height: 900 }, ...options });
    const page = await context.newPage();
    page.on("console", (message) => noises.push(`${message.type()}: ${message.text()}`));
    page.on("pageerror", (error) => noises.push(`error: ${error.message}`));
    page.on("dialog", (dialog) => {
      noises.push(`dialog: ${dialog.message()}`);
      void dialog.dismiss();
    });
    page.on("request", (request) => {
      if (request.url() !== url) noises.push(`request: ${request.url().slice(0, 100)}`);
    });
    await page.goto(url);
    return page;
  }

  const visible = (page: Page) => page.locator(".events > li:visible").count();

  test("shows every part, each with a heading of its own", async () => {
    const page = await open(reportFixture());
    expect(await page.title()).toBe("ops-view: rollout report");
    expect(await page.getByRole("heading", { level: 1 }).count()).toBe(1);
    for (const name of ["Where it stands", "What happened", "Signals", "What it was promoted on"])
      expect(await page.getByRole("region", { name, exact: true }).count(), name).toBe(1);
    for (const role of ["banner", "main", "contentinfo", "navigation"] as const)
      expect(await page.getByRole(role).count(), role).toBe(1);
    expect(await page.locator("svg.chart").count()).toBe(3);
  });

  test("names its pictures, and says in words what they show", async () => {
    const page = await open(reportFixture());
    const chart = page.getByRole("img", { name: "QueueLatencyMs, p95" });
    expect(await chart.locator("desc").textContent()).toMatch(
      /^1152 values from .*highest 1,200.*XA4: > 2000/,
    );
    expect(await page.getByRole("img", { name: /^The rollout from 2026-11-17/ }).count()).toBe(1);
  });

  describe.each(["light", "dark"] as const)("in %s", (colorScheme) => {
    test.each([
      ["a whole report", reportFixture()],
      ["a partial one", partialFixture()],
    ])("%s has no flaw that axe finds: names, roles, order, contrast", async (_, data) => {
      const page = await open(data, { colorScheme });
      await page.getByRole("button", { name: "Change before" }).click();
      for (const details of await page.locator("details").all())
        await details.evaluate((element) => element.setAttribute("open", ""));
      await page.evaluate(axe.source);
      const { violations } = await page.evaluate(() =>
        (globalThis as unknown as { axe: typeof axe }).axe.run({
          runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
        }),
      );
      const told = violations.map(
        ({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html.slice(0, 120)).join(" | ")}`,
      );
      expect(told).toEqual([]);
    });
  });

  test("is dark for those who want it so", async () => {
    const ground = async (colorScheme: "light" | "dark") => {
      const page = await open(reportFixture(), { colorScheme });
      return page.evaluate("getComputedStyle(document.body).backgroundColor");
    };
    expect(await ground("light")).toBe("rgb(246, 247, 249)");
    expect(await ground("dark")).toBe("rgb(17, 21, 27)");
  });

  test.each([360, 320, 768])("does not scroll sideways at %i px", async (width) => {
    for (const data of [reportFixture(), partialFixture()]) {
      const page = await open(data, { viewport: { width, height: 800 } });
      expect(await page.evaluate("document.documentElement.scrollWidth")).toBe(width);
      await page.locator("details").first().locator("summary").click();
      expect(await page.evaluate("document.documentElement.scrollWidth")).toBe(width);
    }
  });

  test.each([320, 390, 768, 1_280])("has no word smaller than 12 px at %i px", async (width) => {
    const page = await open(reportFixture(), { viewport: { width, height: 800 } });
    for (const details of await page.locator("details").all())
      await details.evaluate((element) => element.setAttribute("open", ""));
    // A picture is drawn at another size than its words are set in.
    const small = await page.evaluate(`[...document.querySelectorAll("body *")].flatMap((one) => {
      const words = [...one.childNodes].filter(({ nodeType }) => nodeType === 3).map((node) => node.textContent).join("");
      if (words.trim() === "" || /^(script|title|desc)$/i.test(one.tagName)) return [];
      const scale = one.getScreenCTM?.()?.a ?? 1;
      const size = scale * Number.parseFloat(getComputedStyle(one).fontSize);
      return size < 11.95 ? [one.tagName + " " + size + ": " + words.trim()] : [];
    })`);
    expect(small).toEqual([]);
  });

  test("folds what happened by the stage that was live, and on a phone begins with what is now", async () => {
    const shown = async (width: number) => {
      const page = await open(reportFixture(), { viewport: { width, height: 800 } });
      const isOpen = "[...document.querySelectorAll('.during')].map((group) => group.open)";
      return (await page.evaluate(isOpen)) as boolean[];
    };
    const wide = await shown(1_280);
    expect(wide.length).toBeGreaterThan(1);
    expect(wide).toEqual(wide.map(() => true));
    // The live stage, and what is still to come.
    expect(await shown(390)).toEqual([false, false, false, true, true]);
  });

  test("is worked by keyboard alone, and shows where the focus is", async () => {
    const page = await open(reportFixture());
    const focused = () =>
      page.evaluate("document.activeElement.textContent.trim() || document.activeElement.id");
    await page.keyboard.press("Tab");
    expect(await focused()).toBe("To the report");
    await page.keyboard.press("Enter");
    expect(await page.evaluate("document.activeElement.id")).toBe("main");
    // The picture scrolls on small screens, so it takes the focus; then come the filters.
    await page.keyboard.press("Tab");
    expect(await page.evaluate("document.activeElement.getAttribute('aria-label')")).toBe("Timeline picture");
    await page.keyboard.press("Tab");
    const box = page.getByRole("checkbox", { name: /^Promotion/ });
    expect(await box.evaluate((element) => element === element.ownerDocument.activeElement)).toBe(true);
    expect(
      await box.evaluate(
        (element) => element.ownerDocument.defaultView?.getComputedStyle(element).outlineStyle,
      ),
    ).not.toBe("none");
    expect(await visible(page)).toBe(12);
    await page.keyboard.press("Space");
    expect(await visible(page)).toBe(9);
    expect(await page.getByRole("status").first().textContent()).toBe("9 of 12 are shown");
    await page.keyboard.press("Space");
    expect(await visible(page)).toBe(12);
  });

  test("lets one moment be looked at in all charts, by arrow keys and by steps from change to change", async () => {
    const page = await open(reportFixture());
    const slider = page.getByRole("slider", { name: "Look at a moment" });
    await slider.focus();
    await page.keyboard.press("ArrowLeft");
    expect(await slider.getAttribute("aria-valuetext")).toMatch(
      /^2026-11-21 .*Last change: Abort: the abort of stageB/,
    );
    await page.getByRole("button", { name: "Change before" }).focus();
    await page.keyboard.press("Enter");
    await page.keyboard.press("Enter");
    expect(await page.locator("#at").textContent()).toBe(
      "2026-11-18 22:24:00Z. Last change: Promotion: stageB, attempt 1 (deployment 4)",
    );
    expect(await page.locator(".readout").first().textContent()).toMatch(/^0 at 2026-11-18 /);
    const places = await page
      .locator("svg.chart .cursor")
      .evaluateAll((lines) => lines.map((line) => line.getAttribute("x1")));
    expect(new Set(places).size).toBe(1);
    await page.getByRole("button", { name: "Change after" }).click();
    expect(await page.locator("#at").textContent()).toContain("Abort: the abort of stageB");
  });

  test("follows the pointer over a chart", async () => {
    const page = await open(reportFixture());
    await page.locator("svg.chart").first().hover();
    expect(await page.locator("#at").textContent()).toMatch(/^2026-11-18 23:/);
  });

  test("opens a chart's figures by keyboard", async () => {
    const page = await open(reportFixture());
    await page.locator("summary", { hasText: "Figures of Write5xx" }).focus();
    await page.keyboard.press("Enter");
    expect(await page.getByRole("table", { name: /^Write5xx, Sum/ }).isVisible()).toBe(true);
  });

  test("says all of it without its script, and then offers nothing that would not work", async () => {
    const page = await open(reportFixture(), { javaScriptEnabled: false });
    expect(await visible(page)).toBe(12);
    expect(await page.locator(".filters").isVisible()).toBe(false);
    expect(await page.locator(".scrub").isVisible()).toBe(false);
  });

  test("runs nothing that its words hold", async () => {
    const title = `</script><script>alert(1)</script><img src=x onerror=alert(2)>"'><svg onload=alert(3)>`;
    const data = reportFixture();
    const page = await open({
      ...data,
      title,
      signals: data.signals.map((one) => ({ ...one, metric: title })),
      events: [{ at: at(1), kind: "note", title, lines: [title] }],
    });
    expect(await page.getByRole("heading", { level: 1 }).textContent()).toBe(`ops-view: ${title}`);
    expect(await page.locator("img, script[src], svg[onload]").count()).toBe(0);
  });

  test("says first what could not be read", async () => {
    const page = await open(partialFixture());
    const gaps = page.getByRole("region", { name: "Not everything could be read" });
    expect(await gaps.getByRole("listitem").allTextContents()).toContain("Alarms: unknown, access denied.");
  });
});
