import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { redactAll, redactor } from "../../src/text/redact";
import { showMoment } from "./axis";
import { type ReportData, type ReportSignal, reportData } from "./data";
import { happenings, KINDS } from "./happenings";
import { clip, type Html, html, jsonBlock } from "./html";
import { evidenceSection } from "./sections/evidence";
import { nowSection } from "./sections/now";
import { signalsSection } from "./sections/signals";
import { timelineSection } from "./sections/timeline";
import { changesIn } from "./signalChart";
import { rangeOf } from "./spans";
import { gapsOf, sentenceOf } from "./standing";
import { runs } from "./thin";

const STYLE = asset("page.css");
const SCRIPT = asset("page.js");

/** What no page may hold, whoever made it: what looks like a secret, an account number or an address. */
const PUBLIC = redactor({ secrets: [], hosts: [] });

/** What a page may weigh, in bytes. */
export const PAGE_LIMIT = 300_000;

/** How much is drawn and listed, from fine to coarse: the first that fits is taken. */
const DETAILS = [
  { points: 240, rows: 40, events: 400 },
  { points: 120, rows: 30, events: 300 },
  { points: 60, rows: 20, events: 200 },
  { points: 24, rows: 12, events: 100 },
  { points: 8, rows: 6, events: 50 },
] as const;

/**
 * The report as one page that needs nothing else: no network, and no script to be read. The same data is the same
 * page. Throws where the data is not sound.
 */
export function render(given: ReportData): string {
  const data = redactAll(reportData.parse(given), PUBLIC);
  let page = "";
  for (const detail of DETAILS) {
    page = draw(data, detail);
    if (Buffer.byteLength(page) <= PAGE_LIMIT) break;
  }
  return page;
}

function draw(given: ReportData, detail: (typeof DETAILS)[number]): string {
  const all = happenings(given);
  const range = rangeOf(given, all);
  const data = { ...given, signals: given.signals.map((signal) => within(signal, range)) };
  const frame = { range, happenings: all, detail: detail.points, rows: detail.rows };
  const gaps = gapsOf(data);
  const name = data.title === undefined ? data.rollout : `${data.rollout}: ${data.title}`;
  const changes = changesIn(frame).map(({ at, kind, title }) => [
    at,
    clip(`${KINDS[kind].word}: ${title}`, 160),
  ]);
  // What the script reads: the same points as are drawn.
  const series = data.signals.map(({ points, period }) =>
    points.known ? runs(points.value, period * 1_000, frame.detail).flat() : [],
  );
  const missing =
    gaps.length > 0 &&
    html`<section class="gaps" aria-labelledby="gaps-h"><h2 id="gaps-h">Not everything could be read</h2><ul>${gaps.map((gap) => html`<li>${gap}</li>`)}</ul></section>`;
  const scaled =
    data.timeScale !== 1 &&
    html`<p class="fine">Declared durations passed ${data.timeScale} times as fast as the clock.</p>`;
  const release = data.release !== undefined && html`<p class="fine">Release ${data.release}</p>`;
  const body = html`<a class="skip" href="#main">To the report</a><header><p class="fine">${data.rehearsal ? "Rehearsal report" : "Rollout report"}, made <time datetime="${data.madeAt}">${showMoment(Date.parse(data.madeAt))}</time></p><h1>${name}</h1>${release}<p class="headline">${sentenceOf(data)}</p>${scaled}<nav aria-label="Parts of the report"><ul><li><a href="#now">Where it stands</a></li><li><a href="#timeline">What happened</a></li><li><a href="#signals">Signals</a></li><li><a href="#evidence">Evidence</a></li></ul></nav></header><main id="main" tabindex="-1">${missing}${nowSection(data)}${timelineSection(data, all, range, detail.events)}${signalsSection(data, frame)}${evidenceSection(data)}</main><footer><p class="fine">Made by cutover from the flag store, CloudWatch and the stacks' records. Times are UTC.</p></footer><script type="application/json" id="data">${jsonBlock({ range, changes, series })}</script>`;
  return `${documentOf(`${data.rollout}: rollout report`, body)}\n`;
}

/** A signal without what lies outside of the pictures. */
function within(signal: ReportSignal, [from, to]: readonly [number, number]): ReportSignal {
  if (!signal.points.known) return signal;
  const value = signal.points.value.filter(([at]) => at >= from && at <= to);
  return { ...signal, points: { known: true, value } };
}

function documentOf(title: string, body: Html): string {
  const policy = `default-src 'none'; style-src '${hashOf(STYLE)}'; script-src '${hashOf(SCRIPT)}'; base-uri 'none'; form-action 'none'`;
  const head = html`<meta charset="utf-8"><meta http-equiv="Content-Security-Policy" content="${policy}"><meta name="viewport" content="width=device-width, initial-scale=1"><meta name="color-scheme" content="light dark"><meta name="robots" content="noindex"><meta name="referrer" content="no-referrer"><title>${title}</title>`;
  return `<!doctype html><html lang="en"><head>${head.text}<style>${STYLE}</style></head><body>${body.text}<script>${SCRIPT}</script></body></html>`;
}

function asset(name: string): string {
  return readFileSync(join(__dirname, "assets", name), "utf8");
}

function hashOf(text: string): string {
  return `sha256-${createHash("sha256").update(text).digest("base64")}`;
}
