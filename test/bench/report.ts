import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { render } from "../../cli/report/render";
import { findBrowser, NO_BROWSER, openBrowser } from "../browser/chromium";
import { at, reportFixture, signal, wave } from "../cli/report/fixture";
import { type Figure, median, seconds } from "./figure";

const PAGE_LIMIT = 300_000;
const INTERACTIVE_LIMIT_MS = 1_000;
const RUNS = 7;

/** A rollout with as many signals, rows and happenings as a large one has. */
function large() {
  const data = reportFixture();
  return {
    ...data,
    signals: Array.from({ length: 30 }, (_, index) =>
      signal({
        id: `s${index}`,
        metric: `Metric${index}`,
        points: { known: true, value: wave(1_440, 400, 700) },
      }),
    ),
    events: Array.from({ length: 300 }, (_, index) => ({
      at: at(index * 15 * 60_000),
      kind: "step" as const,
      title: `Something that happened, the ${index}th`,
      lines: ["and what there is to say of it"],
    })),
  };
}

/** The report page of a large rollout: what it weighs, and how soon a person can work with it. */
export async function benchReport(say: (line: string) => void): Promise<Figure[]> {
  const page = render(large());
  const bytes = Buffer.byteLength(page);
  const size = {
    what: "report page of 30 signals and 300 things that happened",
    shown: `${(bytes / 1_000).toFixed(0)} kB`,
    limit: `≤ ${PAGE_LIMIT / 1_000} kB`,
    ok: bytes <= PAGE_LIMIT,
  };
  const browser = findBrowser();
  if (browser === undefined) {
    say(NO_BROWSER);
    const unmeasured = {
      shown: "not measured: no browser",
      limit: `≤ ${seconds(INTERACTIVE_LIMIT_MS)}`,
      ok: false,
    };
    return [size, { what: "report page, until it answers", ...unmeasured }];
  }
  const times = await openings(page, browser, say);
  return [
    size,
    {
      what: "report page, from opening until a click on a filter has narrowed the list",
      shown: `${seconds(median(times))} (median of ${RUNS}; slowest ${seconds(Math.max(...times))})`,
      limit: `≤ ${seconds(INTERACTIVE_LIMIT_MS)}`,
      ok: median(times) <= INTERACTIVE_LIMIT_MS,
    },
  ];
}

/** Opens the page anew each time, and works with it at once. Milliseconds. */
async function openings(page: string, executable: string, say: (line: string) => void): Promise<number[]> {
  const folder = mkdtempSync(join(tmpdir(), "cutover-bench-"));
  const browser = await openBrowser(executable);
  try {
    const file = join(folder, "report.html");
    writeFileSync(file, page);
    const times: number[] = [];
    // The first one starts the browser's own processes.
    for (let run = 0; run <= RUNS; run++) {
      const context = await browser.newContext();
      const tab = await context.newPage();
      const started = performance.now();
      await tab.goto(pathToFileURL(file).href, { waitUntil: "commit" });
      await tab.locator(".filters input").first().click();
      await tab.locator("#shown", { hasText: "are shown" }).waitFor();
      const ms = performance.now() - started;
      await context.close();
      say(`${run === 0 ? "warming up" : `run ${run}`}: ${seconds(ms)}`);
      if (run > 0) times.push(ms);
    }
    return times;
  } finally {
    await browser.close();
    rmSync(folder, { recursive: true, force: true });
  }
}
