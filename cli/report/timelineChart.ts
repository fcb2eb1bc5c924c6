import { showMoment, timeAxis, timeScale } from "./axis";
import type { ReportData } from "./data";
import { type Happening, KINDS, type Kind } from "./happenings";
import { clip, type Html, html } from "./html";
import { mark, round } from "./shapes";
import { alarmSpans, flagSpans, merged, type Span, stageSpans } from "./spans";

const WIDTH = 960;
const LEFT = 8;
const RIGHT = 952;
const LANE = 40;
const BAR = 16;
/** Marks that would cover each other are stacked, so many high. */
const LEVELS = 5;
/** Half of what a mark takes sideways, and a little room. */
const REACH = 13;
/** What gives way where there is no room for all: the list below has it. */
const MINOR: readonly Kind[] = ["message", "due", "step", "quiet", "note"];
const LEVEL = 15;
const TOP = 10;

interface Lane {
  readonly name: string;
  readonly content: (top: number) => Html;
}

/** The whole rollout at a glance: what happened, which stage was live, each flag, each alarm that fired. */
export function timelineChart(
  data: ReportData,
  happenings: readonly Happening[],
  range: readonly [from: number, to: number],
): Html {
  const x = timeScale(range, LEFT, RIGHT);
  const shown = happenings.filter(({ at }) => at >= range[0] && at <= range[1]);
  const bar = (span: Span, top: number, tone: string, height = 1): Html => {
    const from = round(Math.max(LEFT, x(span.from)));
    const width = Math.max(1.5, round(x(span.to) - from));
    const word =
      width > span.label.length * 7 + 8 &&
      html`<text class="on-bar" x="${round(from + 5)}" y="${top + BAR - 4}">${span.label}</text>`;
    return html`<rect class="bar ${tone}" x="${from}" width="${width}" y="${round(top + BAR * (1 - height))}" height="${round(BAR * height)}" rx="2"><title>${span.label}: ${showMoment(span.from)} to ${showMoment(span.to)}</title></rect>${height === 1 && word}`;
  };
  const lanes: Lane[] = [
    {
      name: "Stage that is live",
      content: (top) =>
        html`${stageSpans(data).map((span) => html`${bar(span, top, "stage")}${soakOf(data, span, x, top)}`)}`,
    },
    ...Object.keys(data.flags).map((flag): Lane => {
      const spans = merged(flagSpans(data, flag));
      return {
        name: flag,
        content: (top) => html`${spans.map((span) => bar(span, top, span.tone, span.height))}`,
      };
    }),
    ...(data.alarms.known ? data.alarms.value : []).flatMap((alarm): Lane[] => {
      const spans = alarmSpans(alarm, range[1]);
      if (spans.length === 0) return [];
      return [
        {
          name: `${alarm.stage} ${alarm.row}: ${alarm.title}`,
          content: (top) => html`${spans.map((span) => bar(span, top, "alarm"))}`,
        },
      ];
    }),
  ];
  const lanesTop = TOP + LEVELS * LEVEL + 10;
  const bottom = lanesTop + lanes.length * LANE;
  const drawn = lanes.map(({ name, content }, index) => {
    const top = lanesTop + index * LANE;
    return html`<text class="lane" x="${LEFT}" y="${top + 10}">${name}</text><line class="grid" x1="${LEFT}" x2="${RIGHT}" y1="${top + 16 + BAR}" y2="${top + 16 + BAR}"/>${content(top + 16)}`;
  });
  return html`<svg class="timeline" viewBox="0 0 ${WIDTH} ${bottom + 22}" role="img" aria-labelledby="timeline-t timeline-d" data-left="${LEFT}" data-right="${RIGHT}"><title id="timeline-t">The rollout from ${showMoment(range[0])} to ${showMoment(range[1])}</title><desc id="timeline-d">Marks for what happened, bars for the stage that was live, for each flag that was on, and for each alarm that fired. Where marks would cover each other, only what matters more is drawn: the list below has all of them, in words.</desc>${timeAxis(x, 7, TOP, bottom)}${drawn}${marks(shown, x)}<line class="cursor" y1="${TOP}" y2="${bottom}"/></svg>`;
}

/** What is left of a soak, on the bar of the stage that is live now: the part that is still to come is outlined. */
function soakOf(data: ReportData, span: Span, x: (at: number) => number, top: number): Html {
  const ends = data.stages.find(({ name }) => name === span.label)?.soakEnds;
  const end = ends === undefined ? Number.NaN : Date.parse(ends);
  if (!(end > span.from) || span.to !== Date.parse(data.madeAt)) return html``;
  const over = end <= span.to;
  if (!over) return html``;
  const at = round(x(end));
  return html`<line class="soaked" x1="${at}" x2="${at}" y1="${top - 2}" y2="${top + BAR + 2}"/>`;
}

/** One mark for each happening, stacked where they would cover each other; what changed something comes first. */
function marks(shown: readonly Happening[], x: (at: number) => number): Html {
  const taken: number[][] = Array.from({ length: LEVELS }, () => []);
  const major = shown.filter(({ kind }) => !MINOR.includes(kind));
  const minor = shown.filter(({ kind }) => MINOR.includes(kind));
  return html`${[...major, ...minor].map((one) => {
    const at = Math.min(RIGHT - 6, Math.max(LEFT + 6, x(one.at)));
    const free = taken.findIndex((level) => level.every((other) => Math.abs(other - at) >= REACH));
    if (free < 0 && MINOR.includes(one.kind)) return html``;
    const level = Math.max(0, free);
    taken[level]?.push(at);
    const y = TOP + 6 + (LEVELS - 1 - level) * LEVEL;
    return html`<g><title>${KINDS[one.kind].word}, ${showMoment(one.at)}: ${clip(one.title, 100)}</title>${mark(one.kind, at, y)}</g>`;
  })}`;
}
