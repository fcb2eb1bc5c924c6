import { showMoment } from "../axis";
import type { ReportAttempt, ReportData, ReportEvidence, ReportRecord } from "../data";
import { type Html, html } from "../html";

const OUTCOMES = {
  pass: ["Pass", "good"],
  fail: ["Fail", "bad"],
  inconclusive: ["Inconclusive", "warn"],
  "not-run": ["Not run", "warn"],
  unknown: ["Unknown", "warn"],
} as const;

const ENDED = {
  "under-way": ["Under way", "info"],
  live: ["Live", "good"],
  passed: ["Passed", "muted"],
  superseded: ["Superseded", "muted"],
  down: ["Brought down", "bad"],
  stopped: ["Stopped", "bad"],
  over: ["Over", "muted"],
} as const;

/** Every attempt of each stage: what it was promoted on, as its stack recorded it, and what became of it. */
export function evidenceSection(data: ReportData): Html {
  const attempts = data.ledger.known ? data.ledger.value.attempts : [];
  const names = new Set([...data.stages.map(({ name }) => name), ...data.evidence.map(({ stage }) => stage)]);
  const cards = [...names].flatMap((name) =>
    ofStage(
      name,
      attempts.filter(({ stage }) => stage === name),
      data.evidence.find(({ stage }) => stage === name),
    ),
  );
  return html`<section id="evidence" aria-labelledby="evidence-h"><h2 id="evidence-h">What it was promoted on</h2>${
    cards.length === 0
      ? html`<p>No stage was promoted yet.</p>`
      : html`<p class="fine">Of each stage every attempt, the newest first: what the ledger says of it, and what its stack recorded at the flip.</p>${cards}`
  }</section>`;
}

/** Nothing of a stage of which no record is expected: the first one is not promoted on evidence. */
function ofStage(stage: string, attempts: readonly ReportAttempt[], evidence?: ReportEvidence): Html[] {
  const records = evidence?.records;
  const kept = records?.known ? records.value : [];
  const unread = records && !records.known ? [unknown(stage, records.why)] : [];
  if (!evidence && !attempts.some(({ ended }) => ended === "stopped")) return [];
  const numbers = [...new Set([...attempts, ...kept].map(({ attempt }) => attempt))].sort((a, b) => b - a);
  const cards = numbers.map((number) =>
    one(
      stage,
      number,
      attempts.find(({ attempt }) => attempt === number),
      kept.find(({ attempt }) => attempt === number),
      records?.known === true,
    ),
  );
  return [...unread, ...cards];
}

function unknown(stage: string, why: string): Html {
  return html`<div class="card"><h3>${stage}</h3><p><span class="chip t-warn">Unknown</span> ${why}</p></div>`;
}

function one(
  stage: string,
  number: number,
  attempt: ReportAttempt | undefined,
  record: ReportRecord | undefined,
  wasRead: boolean,
): Html {
  const name = `${stage}, attempt ${number}`;
  return html`<div class="card"><h3>${name}</h3>${attempt && ending(attempt)}${
    record
      ? recorded(name, record)
      : wasRead && attempt?.flip !== undefined && html`<p class="fine">Its stack keeps no record of it.</p>`
  }</div>`;
}

function ending({ flip, ended, said }: ReportAttempt): Html {
  const [word, tone] = ENDED[ended];
  const more = said.toLowerCase() === word.toLowerCase() ? undefined : html` ${said}`;
  const at =
    flip?.at !== undefined && html` <time datetime="${flip.at}">${showMoment(Date.parse(flip.at))}</time>`;
  return html`<p><span class="chip t-${tone}">${word}</span>${more}</p>${flip && html`<p class="fine">Flipped${at}${flip.by !== undefined && ` by ${flip.by}`}, in deployment ${flip.deployment}${flip.release !== undefined && `, release ${flip.release}`}</p>`}`;
}

function recorded(name: string, { measured, commit, aborted, gates, smoke }: ReportRecord): Html {
  return html`<p class="fine">Measured ${measured}${commit !== undefined && html`, commit <code>${commit}</code>`}</p>${aborted !== undefined && html`<p><span class="chip t-bad">Aborted</span> ${aborted}</p>`}${verdicts(`Gates of ${name}, at the flip`, gates)}${verdicts(`Smoke checks of ${name}, right after it`, smoke)}`;
}

function verdicts(caption: string, rows: ReportRecord["gates"]): Html {
  if (rows.length === 0) return html``;
  const lines = rows.map(({ row, title, outcome, said }) => {
    const [word, tone] = OUTCOMES[outcome];
    return html`<tr><th scope="row">${row}${title !== undefined && html`<br><span class="fine">${title}</span>`}</th><td><span class="chip t-${tone}">${word}</span></td><td>${said}</td></tr>`;
  });
  return html`<table><caption>${caption}</caption><thead><tr><th scope="col">row</th><th scope="col">verdict</th><th scope="col">observed and required</th></tr></thead><tbody>${lines}</tbody></table>`;
}
