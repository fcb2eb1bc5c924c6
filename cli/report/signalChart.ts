import { scaleLinear } from "d3-scale";
import { line as lineOf } from "d3-shape";
import { showMoment, showNumber, timeAxis, timeScale } from "./axis";
import type { Point, ReportSignal } from "./data";
import { type Happening, KINDS, type Kind } from "./happenings";
import { type Html, html } from "./html";
import { round } from "./shapes";
import { runs } from "./thin";

/** As wide as the narrowest column of the page, so that words are never drawn smaller than they are set. */
const WIDTH = 260;
const HEIGHT = 165;
const PLOT = { left: 42, right: 254, top: 10, bottom: 142 };

/** What is marked in every chart: the moments at which flags changed. */
const CHANGES: readonly Kind[] = ["promote", "lower", "abort", "foreign"];

export interface ChartFrame {
  readonly range: readonly [from: number, to: number];
  readonly happenings: readonly Happening[];
  /** How many points are drawn at most. */
  readonly detail: number;
  /** How many rows its table has at most. */
  readonly rows: number;
}

/** The moments of change within a picture. */
export function changesIn({ range, happenings }: ChartFrame): Happening[] {
  return happenings.filter(({ kind, at }) => CHANGES.includes(kind) && at >= range[0] && at <= range[1]);
}

/** One signal over the rollout's life: its values, the lines it may not cross, and the moments of change. */
export function signalChart(
  signal: ReportSignal,
  points: readonly Point[],
  frame: ChartFrame,
  id: string,
): Html {
  const x = timeScale(frame.range, PLOT.left, PLOT.right);
  const y = scaleLinear(extent(points, signal), [PLOT.bottom, PLOT.top]).nice(4);
  const place = (value: number) => round(y(value));
  const ticks = y
    .ticks(4)
    .map(
      (tick) =>
        html`<line class="grid" x1="${PLOT.left}" x2="${PLOT.right}" y1="${place(tick)}" y2="${place(tick)}"/><text class="tick" x="${PLOT.left - 5}" y="${place(tick) + 4}" text-anchor="end">${showNumber(tick)}</text>`,
    );
  const [bottom = 0, top = 0] = y.domain();
  const limits = signal.lines.map((one) => {
    const at = place(one.value);
    const [from, to] =
      one.bad === "above" ? [place(top), at] : one.bad === "below" ? [at, place(bottom)] : [at, at];
    const zone =
      to > from &&
      html`<rect class="zone ${one.kind}" x="${PLOT.left}" width="${PLOT.right - PLOT.left}" y="${from}" height="${round(to - from)}"/>`;
    return html`${zone}<line class="limit ${one.kind}" x1="${PLOT.left}" x2="${PLOT.right}" y1="${at}" y2="${at}"/>`;
  });
  const path = lineOf<Point>(
    ([at]) => round(x(at)),
    ([, value]) => place(value),
  );
  // A run of one point is a dot: a line of no length, with round ends.
  const drawn = runs(points, signal.period * 1_000, frame.detail)
    .map((run) => (run.length === 1 ? `${path(run)}h0`.replace("Zh0", "h0") : path(run)))
    .join("");
  const changes = changesIn(frame).map(({ at, kind }) => {
    const moment = round(x(at));
    return html`<line class="change t-${KINDS[kind].tone}" x1="${moment}" x2="${moment}" y1="${PLOT.top}" y2="${PLOT.bottom}"/>`;
  });
  return html`<svg class="chart" viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img" aria-labelledby="${id}-t ${id}-d" data-left="${PLOT.left}" data-right="${PLOT.right}"><title id="${id}-t">${signal.metric}, ${signal.statistic}</title><desc id="${id}-d">${described(signal, points)}</desc>${ticks}${timeAxis(x, 3, PLOT.top, PLOT.bottom)}${limits}${changes}${drawn.length > 0 && html`<path class="series" d="${drawn}"/>`}<line class="cursor" y1="${PLOT.top}" y2="${PLOT.bottom}"/></svg>`;
}

/** Values and lines, with zero: a small wobble must not look like a mountain. */
function extent(points: readonly Point[], { lines }: ReportSignal): [number, number] {
  const all = [0, ...points.map(([, value]) => value), ...lines.map(({ value }) => value)];
  const low = all.reduce((one, other) => Math.min(one, other));
  const high = all.reduce((one, other) => Math.max(one, other));
  if (low === high) return [0, 1];
  const room = (high - low) * 0.08;
  return [low < 0 ? low - room : 0, high + room];
}

/** The same in words. */
function described({ lines }: ReportSignal, points: readonly Point[]): string {
  const limits = lines.map(({ row, label }) => `${row}: ${label}`).join("; ");
  if (points.length === 0) return `No data. ${limits}`;
  const values = points.map(([, value]) => value);
  const low = values.reduce((one, other) => Math.min(one, other));
  const high = values.reduce((one, other) => Math.max(one, other));
  const [first, last] = [points[0]?.[0] ?? 0, points.at(-1)?.[0] ?? 0];
  return `${points.length} values from ${showMoment(first)} to ${showMoment(last)}: lowest ${showNumber(low)}, highest ${showNumber(high)}, last ${showNumber(points.at(-1)?.[1] ?? 0)}. ${limits}`;
}
