import { showDuration } from "../../../src/text/duration";
import { showMoment, showNumber } from "../axis";
import type { Point, ReportData, ReportSignal } from "../data";
import { type Html, html } from "../html";
import { type ChartFrame, signalChart } from "../signalChart";
import { thin } from "../thin";

/** Every signal that an abort or a gate reads, each with its lines. */
export function signalsSection(data: ReportData, frame: ChartFrame): Html {
  const figures = data.signals.map((signal, index) => figure(signal, frame, `signal-${index}`));
  const scrubber = html`<div class="scrub card" hidden><label for="moment">Look at a moment</label><input id="moment" type="range" min="0" max="1000" value="1000"><div class="steps"><button type="button" id="before">Change before</button><button type="button" id="after">Change after</button></div><output for="moment" id="at"></output></div>`;
  return html`<section id="signals" aria-labelledby="signals-h"><h2 id="signals-h">Signals</h2>${
    figures.length === 0
      ? html`<p>No abort row and no gate reads a metric.</p>`
      : html`<p class="fine">Red lines are abort thresholds, blue ones what a gate requires; the bad side is shaded. Upright lines are changes of flags. Times are UTC.</p>${scrubber}<div class="charts">${figures}</div>`
  }</section>`;
}

function figure(signal: ReportSignal, frame: ChartFrame, id: string): Html {
  const { metric, statistic, rows, lines, points, period, alarmPeriod, partial } = signal;
  const names = rows.map(
    ({ row, stage, title }) =>
      html`<li><strong>${row}</strong> <span class="fine">${stage}</span> ${title}</li>`,
  );
  const limits = lines.map(
    ({ row, kind, label }) =>
      html`<li><span class="key ${kind}" aria-hidden="true"></span>${row}: ${label}</li>`,
  );
  const per = showDuration(period * 1_000);
  const other =
    alarmPeriod !== undefined &&
    alarmPeriod !== period &&
    html` The alarm looks at ${showDuration(alarmPeriod * 1_000)}: what it saw may differ.`;
  const known = points.known ? points.value : [];
  const body = !points.known
    ? html`<p class="nothing"><span class="chip t-warn">Unknown</span> ${points.why}</p>`
    : known.length === 0
      ? html`<p class="nothing"><span class="chip t-warn">No data</span> in this time</p>`
      : html`${signalChart(signal, known, frame, id)}`;
  return html`<figure class="card" id="${id}"><figcaption><h3>${metric}</h3><p class="fine">${statistic} per ${per}.${other}</p><ul class="plain">${names}</ul><ul class="plain fine">${limits}</ul>${partial !== undefined && html`<p><span class="chip t-warn">Partial</span> ${partial}</p>`}</figcaption>${body}<p class="readout" aria-hidden="true"></p>${known.length > 0 && table(signal, known, frame.rows)}</figure>`;
}

/** The same in figures, for those who do not see the chart or want to copy it. */
function table({ metric, statistic }: ReportSignal, points: readonly Point[], most: number): Html {
  const shown = thin(points, most);
  const rows = shown.map(
    ([at, value]) => html`<tr><td>${showMoment(at)}</td><td class="number">${showNumber(value)}</td></tr>`,
  );
  const thinned =
    shown.length < points.length && html`, the lowest and highest of each stretch of ${points.length} values`;
  return html`<details><summary>Figures of ${metric}</summary><div class="scroll" role="region" aria-label="Figures of ${metric}, ${statistic}" tabindex="0"><table><caption>${metric}, ${statistic}${thinned}</caption><thead><tr><th scope="col">time</th><th scope="col">value</th></tr></thead><tbody>${rows}</tbody></table></div></details>`;
}
