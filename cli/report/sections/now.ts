import { showFlags, showOnOff } from "../../../src/flags/flags";
import { showMoment } from "../axis";
import type { ReportData } from "../data";
import { type Html, html } from "../html";
import { isEarly, isOver, STANDINGS, standings } from "../standing";

/** Where the rollout stands: its stages in a row, its flags, its alarms. */
export function nowSection(data: ReportData): Html {
  return html`<section id="now" aria-labelledby="now-h"><h2 id="now-h">Where it stands</h2>${stages(data)}${byHand(data)}<div class="two">${flags(data)}${alarms(data)}</div></section>`;
}

/** What an abort leaves to people: two sources that a stage compared while it was live. */
function byHand(data: ReportData): Html | undefined {
  const down = standings(data).filter(({ standing }) => standing === "aborted");
  const lines = down.flatMap(({ stage }) => data.stages.find(({ name }) => name === stage)?.reconcile ?? []);
  if (lines.length === 0) return undefined;
  return html`<div class="card"><h3>To reconcile by hand</h3>${lines.map(({ title, line }) => html`<p>${title}<br><code>${line}</code></p>`)}</div>`;
}

function stages(data: ReportData): Html {
  const items = standings(data).map(({ stage, standing }) => {
    const { word, tone } = STANDINGS[standing];
    const spec = data.stages.find(({ name }) => name === stage);
    const ends = spec?.soakEnds;
    return html`<li class="stage s-${standing}"${standing === "live" || standing === "soaking" || standing === "finished" ? html` aria-current="step"` : undefined}><p class="chip t-${tone}">${word}</p><h3>${stage}</h3><p>${spec?.title}</p><p class="fine">${spec && showFlags(spec.flags)}</p><p class="fine">attempt ${spec?.attempt}${spec?.soak !== undefined && html`, soak ${spec.soak}`}${ends !== undefined && html`; over <time datetime="${ends}">${showMoment(Date.parse(ends))}</time>`}</p></li>`;
  });
  return html`<ol class="stages">${items}</ol>`;
}

const capital = (word: string) => `${word.charAt(0).toUpperCase()}${word.slice(1)}`;

function flags({ flags: specs, ledger }: ReportData): Html {
  const live = ledger.known ? ledger.value.live : undefined;
  const rows = Object.entries(specs).map(([flag, { title, off }]) => {
    const value = live?.flags[flag];
    const chip = !ledger.known
      ? html`<span class="chip t-warn">Unknown</span>`
      : value === undefined
        ? html`<span class="chip t-muted">Never set</span>`
        : html`<span class="chip t-${value === off ? "muted" : "good"}">${capital(showOnOff(value))}</span>`;
    return html`<tr><th scope="row"><code>${flag}</code>${title !== undefined && html`<br><span class="fine">${title}</span>`}</th><td>${chip}</td></tr>`;
  });
  const since =
    live &&
    html` since <time datetime="${live.since}">${showMoment(Date.parse(live.since))}</time> (deployment ${live.deployment})`;
  const kept =
    live?.kept !== undefined ? html`<p class="fine">Kept by any abort: ${live.kept}</p>` : undefined;
  const undeclared =
    live && live.undeclared.length > 0
      ? html`<p class="fine">In the live document, but not declared: ${live.undeclared.join(", ")}</p>`
      : undefined;
  return html`<div class="card"><table><caption>Flags${since}</caption><thead><tr><th scope="col">flag</th><th scope="col">live</th></tr></thead><tbody>${rows}</tbody></table>${kept}${undeclared}</div>`;
}

const STATES = {
  OK: ["Quiet", "good"],
  ALARM: ["In alarm", "bad"],
  INSUFFICIENT_DATA: ["Without data", "warn"],
  missing: ["Not there", "warn"],
} as const;

function alarms(data: ReportData): Html {
  const { alarms: known } = data;
  if (!known.known)
    return html`<div class="card"><h3>Abort alarms</h3><p><span class="chip t-warn">Unknown</span> ${known.why}</p></div>`;
  if (known.value.length === 0)
    return html`<div class="card"><h3>Abort alarms</h3><p>The rollout declares none.</p></div>`;
  const rows = known.value.map((alarm) => {
    const { row, stage, title, action, state, history, unarmed } = alarm;
    // What cannot act is never shown as quiet; one that rings does so all the same.
    const unable = unarmed !== undefined && state !== "ALARM" && state !== "missing";
    const [word, tone] = isEarly(data, alarm)
      ? (["Not yet", "muted"] as const)
      : isOver(data, alarm)
        ? (["Taken away", "muted"] as const)
        : unable
          ? (["Not armed", "bad"] as const)
          : STATES[state];
    const fired = history.known ? history.value.filter(({ to }) => to === "ALARM").length : undefined;
    const times = fired === undefined ? "how often is unknown" : fired === 0 ? "never" : `${fired} ×`;
    const does = `${action === "rollback" ? "rolls back" : "pages"}, fired: ${times}`;
    return html`<tr><th scope="row">${row} <span class="fine">${stage}</span><br>${title}<br><span class="fine">${does}${unarmed !== undefined && html`; not armed: ${unarmed}`}</span></th><td><span class="chip t-${tone}">${word}</span></td></tr>`;
  });
  return html`<div class="card"><table><caption>Abort alarms</caption><thead><tr><th scope="col">row</th><th scope="col">now</th></tr></thead><tbody>${rows}</tbody></table></div>`;
}
