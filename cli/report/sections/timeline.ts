import { showMoment } from "../axis";
import type { ReportData } from "../data";
import { type Happening, KINDS, type Kind } from "../happenings";
import { clip, type Html, html } from "../html";
import { icon } from "../shapes";
import { type During, duringStages } from "../spans";
import { timelineChart } from "../timelineChart";

/** What one line may hold, in characters, and one happening, in lines: somebody else's words have no end. */
const LONGEST = 400;
const MOST_LINES = 20;

/** What happened: a picture, then the same as a list that can be narrowed by kind. */
export function timelineSection(
  data: ReportData,
  happenings: readonly Happening[],
  range: readonly [from: number, to: number],
  most: number,
): Html {
  const left = Math.max(0, happenings.length - most);
  const listed = happenings.slice(left);
  const kinds = (Object.keys(KINDS) as Kind[]).filter((kind) => listed.some((one) => one.kind === kind));
  const filters = kinds.map((kind) => {
    const count = listed.filter((one) => one.kind === kind).length;
    return html`<label><input type="checkbox" value="${kind}" checked> ${icon(kind)} ${KINDS[kind].word} <span class="fine">${count}</span></label>`;
  });
  const during = duringStages(data, listed);
  const now = during.findLastIndex(({ due }) => !due);
  const groups = during.map((one, index) => groupOf(one, index >= now));
  const nothing = !data.ledger.known
    ? html`<p><span class="chip t-warn">Unknown</span> ${data.ledger.why}</p>`
    : happenings.length === 0 && html`<p>Nothing has happened yet.</p>`;
  return html`<section id="timeline" aria-labelledby="timeline-h"><h2 id="timeline-h">What happened</h2>${nothing}${
    happenings.length > 0 &&
    html`<div class="scroll card" role="region" aria-label="Timeline picture" tabindex="0">${timelineChart(data, listed, range)}</div><fieldset class="filters" hidden><legend>Show in the list</legend>${filters}</fieldset><p class="fine" id="shown" role="status"></p>${left > 0 && html`<p class="fine">${left} earlier ones are left out.</p>`}${groups}`
  }</section>`;
}

/** What happened while one stage was live. Open where nothing runs the page's script: nothing is hidden from a reader. */
function groupOf({ label, happenings }: During, now: boolean): Html {
  const [first, last] = [happenings[0]?.at ?? 0, happenings.at(-1)?.at ?? 0];
  const count = `${happenings.length} ${happenings.length === 1 ? "happening" : "happenings"}`;
  const when = first === last ? showMoment(first) : `${showMoment(first)} to ${showMoment(last)}`;
  const kinds = [...new Set(happenings.map(({ kind }) => kind))];
  return html`<details class="during"${now && html` data-now`} open><summary><strong>${label}</strong> <span class="fine">${count}, ${when}</span> ${kinds.map(icon)}</summary><ol class="events">${happenings.map(itemOf)}</ol></details>`;
}

function itemOf({ at, kind, title, lines }: Happening): Html {
  const more =
    lines.length > 0 &&
    html`<ul>${lines.slice(0, MOST_LINES).map((line) => html`<li>${clip(line, LONGEST)}</li>`)}</ul>`;
  return html`<li data-kind="${kind}"><time datetime="${new Date(at).toISOString()}">${showMoment(at)}</time><div>${icon(kind)}<strong class="t-${KINDS[kind].tone}">${KINDS[kind].word}</strong> ${clip(title, LONGEST)}${more}</div></li>`;
}
