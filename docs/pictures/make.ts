import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { promisify } from "node:util";
import { AnsiUp } from "ansi_up";
import { marked } from "marked";
import type { Browser } from "playwright-core";
import { findBrowser, NO_BROWSER, openBrowser } from "../../test/browser/chromium";

/**
 * Makes the pictures of the README: `npm run pictures`. It rehearses, so that what they show has happened, and takes its
 * pictures in a Chromium of this machine.
 */
const PROJECT = join(__dirname, "..", "..");
/** How much of the timeline a reader takes in. */
const LINES = 34;

const FONT = "system-ui, 'Segoe UI', 'Noto Sans', sans-serif";

async function main(): Promise<void> {
  const executable = findBrowser();
  if (executable === undefined) throw new Error(NO_BROWSER);
  const said = await rehearse();
  const browser = await openBrowser(executable);
  try {
    await picture(browser, "rehearsal", terminal(said), { width: 1_180 });
    await picture(browser, "comment", comment(), { width: 1_060, height: 900 });
    const page = pathToFileURL(join(PROJECT, ".cutover", "rehearsal.html")).href;
    await picture(browser, "report", page, { width: 1_200, height: 1_000, from: "#timeline" });
    await picture(browser, "phone", page, { width: 390, height: 844, from: "#timeline" });
  } finally {
    await browser.close();
  }
}

/** What a rehearsal prints on a terminal with colours. Throws where it fails. */
async function rehearse(): Promise<string> {
  const { stdout } = await promisify(execFile)("npm", ["run", "-s", "rehearse"], {
    cwd: PROJECT,
    env: { ...process.env, FORCE_COLOR: "1", COLUMNS: "120" },
    maxBuffer: 10_000_000,
  });
  return stdout;
}

function terminal(said: string): string {
  const lines = said.split("\n");
  const first = lines.findIndex((line) => line.includes("Rehearsing "));
  const last = lines.filter((line) => line.includes("steps, each with"));
  const shown = ["$ npm run rehearse", ...lines.slice(first, first + LINES), "  …", ...last].join("\n");
  const body = new AnsiUp().ansi_to_html(shown);
  return html(
    `<pre>${body}</pre>`,
    "body{margin:0;background:#0d1117}pre{margin:0;padding:22px 26px;color:#d6dde6;font:14px/1.45 'DejaVu Sans Mono',Menlo,Consolas,monospace;white-space:pre-wrap}",
  );
}

/** What machines without a font for them would show as boxes. */
const SIGNS: Readonly<Record<string, readonly [sign: string, colour: string]>> = {
  "✅": ["✔", "#1a7f37"],
  "⛔": ["✖", "#cf222e"],
  "❌": ["✖", "#cf222e"],
  "❓": ["?", "#9a6700"],
  "⏳": ["…", "#59636e"],
};

/** The comment as its own test holds it, to the byte. */
function comment(): string {
  const file = join(PROJECT, "test", "cli", "preview", "fixtures", "raise-blocked.md");
  const body = marked.parse(readFileSync(file, "utf8"), { async: false }).replace(/[✅⛔❌❓⏳]/gu, (one) => {
    const [sign, colour] = SIGNS[one] ?? [one, "inherit"];
    return `<b style="color:${colour}">${sign}</b>`;
  });
  return html(
    body,
    `body{max-width:1000px;margin:20px 26px;font:14px/1.5 ${FONT};color:#1f2328}h2,h3{border-bottom:1px solid #d1d9e0;padding-bottom:.3em}table{border-collapse:collapse}td,th{border:1px solid #d1d9e0;padding:5px 10px;text-align:left;vertical-align:top}tr:nth-child(2n){background:#f6f8fa}code{background:#eff1f3;border-radius:5px;padding:.15em .35em;font-size:85%}pre{background:#f6f8fa;padding:12px}`,
  );
}

function html(body: string, style: string): string {
  return `<!doctype html><meta charset="utf-8"><style>${style}</style>${body}`;
}

interface Framed {
  readonly width: number;
  /** Absent: as high as what it shows. In CSS pixels, as the width. */
  readonly height?: number;
  /** What stands at the top of the picture. */
  readonly from?: string;
}

async function picture(
  browser: Browser,
  name: string,
  page: string,
  { width, height, from }: Framed,
): Promise<void> {
  const context = await browser.newContext({
    viewport: { width, height: height ?? 200 },
    colorScheme: "light",
    // A picture is not taken on the way to what it shows.
    reducedMotion: "reduce",
    deviceScaleFactor: 1.5,
  });
  const shown = await context.newPage();
  await (page.startsWith("file:") ? shown.goto(page) : shown.setContent(page));
  if (from !== undefined) await shown.locator(from).evaluate((element) => element.scrollIntoView());
  await shown.screenshot({ path: join(__dirname, `${name}.png`), fullPage: height === undefined });
  await context.close();
}

void main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
});
