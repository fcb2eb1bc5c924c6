import { showMoment } from "../axis";
import type { ReportData } from "../data";
import { type Happening, KINDS, type Kind } from "../happenings";
import { clip, type Html, html } from "../html";
import { icon } from "../shapes";
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
  const items = listed.map(
    ({ at, kind, title, lines }) =>
      html`<li data-kind="${kind}"><time datetime="${new Date(at).toISOString()}">${showMoment(at)}</time><div>${icon(kind)}<strong class="t-${KINDS[kind].tone}">${KINDS[kind].word}</strong> ${clip(title, LONGEST)}${lines.length > 0 && html`<ul>${lines.slice(0, MOST_LINES).map((line) => html`<li>${clip(line, LONGEST)}</li>`)}</ul>`}</div></li>`,
  );
  const nothing = !data.ledger.known
    ? html`<p><span class="chip t-warn">Unknown</span> ${data.ledger.why}</p>`
    : happenings.length === 0 && html`<p>Nothing has happened yet.</p>`;
  return html`<section id="timeline" aria-labelledby="timeline-h"><h2 id="timeline-h">What happened</h2>${nothing}${
    happenings.length > 0 &&
    html`<div class="scroll card" role="region" aria-label="Timeline picture" tabindex="0">${timelineChart(data, listed, range)}</div><fieldset class="filters" hidden><legend>Show in the list</legend>${filters}</fieldset><p class="fine" id="shown" role="status"></p>${left > 0 && html`<p class="fine">${left} earlier ones are left out.</p>`}<ol class="events">${items}</ol>`
  }</section>`;
}
