import { type ScaleTime, scaleUtc } from "d3-scale";
import { type Html, html } from "./html";
import { round } from "./shapes";

export type TimeScale = ScaleTime<number, number>;

/** Time as a place in a drawing. Always UTC: the same data is the same page on every machine. */
export function timeScale([from, to]: readonly [number, number], left: number, right: number): TimeScale {
  return scaleUtc([from, to], [left, right]);
}

/** Vertical lines of a time axis with their words below, about `count` of them. */
export function timeAxis(scale: TimeScale, count: number, top: number, bottom: number): Html {
  const [left = 0, right = 0] = scale.range();
  const ticks = scale.ticks(count).map((tick) => {
    const x = round(scale(tick));
    // A word may not stand out of the drawing.
    const anchor = x - left < 20 ? "start" : right - x < 20 ? "end" : "middle";
    return html`<line class="grid" x1="${x}" x2="${x}" y1="${top}" y2="${bottom}"/><text class="tick" x="${x}" y="${bottom + 13}" text-anchor="${anchor}">${showTick(tick)}</text>`;
  });
  return html`${ticks}`;
}

const MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

/** A tick's time, as exact as the tick is: a day, an hour and minute, or the second. */
function showTick(tick: Date): string {
  const [, time = ""] = tick.toISOString().split("T");
  if (time.startsWith("00:00:00")) return `${MONTHS[tick.getUTCMonth()]} ${tick.getUTCDate()}`;
  return time.startsWith("00", 6) ? time.slice(0, 5) : time.slice(0, 8);
}

/** A number as a person reads it, in at most four figures: `0.05`, `1,250`, `2.4 M`. */
export function showNumber(value: number): string {
  const size = Math.abs(value);
  if (size >= 1e6 && size < 1e15) {
    const [unit, by] = size >= 1e12 ? ["T", 1e12] : size >= 1e9 ? ["G", 1e9] : ["M", 1e6];
    return `${Number((value / (by as number)).toPrecision(4))} ${unit}`;
  }
  if (size >= 1e15 || (size > 0 && size < 1e-4)) return value.toExponential(2);
  const [whole = "", fraction] = String(Number(value.toPrecision(4))).split(".");
  const grouped = whole.replace(/\B(?=(\d{3})+$)/g, ",");
  return fraction === undefined ? grouped : `${grouped}.${fraction}`;
}

/** A moment in a picture's words: `2026-11-21 12:31:05Z`. */
export function showMoment(ms: number): string {
  return `${new Date(ms).toISOString().slice(0, 19).replace("T", " ")}Z`;
}
