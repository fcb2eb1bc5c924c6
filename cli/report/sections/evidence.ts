import type { ReportData, ReportEvidence } from "../data";
import { type Html, html } from "../html";

const OUTCOMES = {
  pass: ["Pass", "good"],
  fail: ["Fail", "bad"],
  inconclusive: ["Inconclusive", "warn"],
  "not-run": ["Not run", "warn"],
  unknown: ["Unknown", "warn"],
} as const;

type Record = Extract<ReportEvidence["record"], { known: true }>["value"];

/** What each stage was promoted on, as its stack recorded it at the flip. */
export function evidenceSection({ evidence }: ReportData): Html {
  return html`<section id="evidence" aria-labelledby="evidence-h"><h2 id="evidence-h">What it was promoted on</h2>${
    evidence.length === 0
      ? html`<p>No stage was promoted yet.</p>`
      : html`<p class="fine">Of each stage its newest attempt, as its stack recorded it.</p>${evidence.map(one)}`
  }</section>`;
}

function one({ stage, record }: ReportEvidence): Html {
  if (!record.known)
    return html`<div class="card"><h3>${stage}</h3><p><span class="chip t-warn">Unknown</span> ${record.why}</p></div>`;
  const { measured, commit, aborted, gates, smoke } = record.value;
  return html`<div class="card"><h3>${stage}</h3><p class="fine">Measured ${measured}${commit !== undefined && html`, commit <code>${commit}</code>`}</p>${aborted !== undefined && html`<p><span class="chip t-bad">Aborted</span> ${aborted}</p>`}${verdicts(`Gates of ${stage}, at the flip`, gates)}${verdicts(`Smoke checks of ${stage}, right after it`, smoke)}</div>`;
}

function verdicts(caption: string, rows: Record["gates"]): Html {
  if (rows.length === 0) return html``;
  const lines = rows.map(({ row, title, outcome, said }) => {
    const [word, tone] = OUTCOMES[outcome];
    return html`<tr><th scope="row">${row}${title !== undefined && html`<br><span class="fine">${title}</span>`}</th><td><span class="chip t-${tone}">${word}</span></td><td>${said}</td></tr>`;
  });
  return html`<table><caption>${caption}</caption><thead><tr><th scope="col">row</th><th scope="col">verdict</th><th scope="col">observed and required</th></tr></thead><tbody>${lines}</tbody></table>`;
}
