import stringify from "safe-stable-stringify";
import { dimensionList } from "../src/aws/metricId";
import { queriesOf } from "../src/aws/metricQuery";
import { isMath, labelOf, type MetricSource } from "../src/aws/metricSource";
import { showFlags } from "../src/flags/flags";
import { type LedgerEntry, showEntry } from "../src/flags/ledger";
import type { Rollout, Stage } from "../src/rollout/rollout";
import { type Signal, signalsOf } from "../src/rollout/signal";
import { table, words } from "../src/text/markdown";

/** What a dashboard is made from. */
export interface DashboardSpec {
  readonly rollout: Pick<Rollout, "name" | "title">;
  /** The stages whose signals it shows, in order. */
  readonly stages: readonly Pick<
    Stage,
    "name" | "title" | "flags" | "soak" | "abort" | "entry" | "smoke" | "exit"
  >[];
  /** Where the metrics are. */
  readonly region: string;
  /** ARNs of the alarms whose states it shows. */
  readonly alarms: readonly string[];
  /** The changes of flags that every graph marks. Only what was completed is drawn. */
  readonly changes: readonly LedgerEntry[];
  /** What it does not show, and where that is to be seen. */
  readonly remark: string;
}

/** CloudWatch's grid, and the most widgets that it takes. */
const COLUMNS = 24;
const MOST_WIDGETS = 500;
/** The most that one widget of alarms takes. */
const MOST_ALARMS = 100;
const GRAPH = { width: 8, height: 6 };
/** Older changes would only crowd the graphs. */
const MOST_CHANGES = 20;

const RED = "#d13212";
const BLUE = "#0073bb";

interface Widget {
  readonly type: "text" | "alarm" | "metric";
  readonly width: number;
  readonly height: number;
  readonly properties: object;
}

/**
 * A dashboard's body: every abort signal with its threshold, every metric that a gate reads with what is required of
 * it, the alarms' states, and the changes of flags as vertical lines. Canonical JSON: the same spec is the same text.
 */
export function dashboardBody(spec: DashboardSpec): string {
  const vertical = spec.changes
    .filter(({ state, completedAt }) => state === "complete" && completedAt !== undefined)
    .sort((a, b) => a.deployment - b.deployment)
    .slice(-MOST_CHANGES)
    .map((entry) => ({ label: showEntry(entry), value: wholeSecond(entry.completedAt ?? ""), color: BLUE }));
  const graph = (of: Signal): Widget => graphWidget(of, spec.region, vertical);
  const rows: Widget[][] = [
    [headline(spec)],
    ...inTurn(spec.alarms, MOST_ALARMS).map((alarms) => [alarmStates(alarms)]),
    ...spec.stages.flatMap((stage): Widget[][] => {
      const graphs = signalsOf(stage);
      return graphs.length === 0 ? [] : [[text(`## ${words(nameOf(stage))}`, 1)], graphs.map(graph)];
    }),
  ];
  return stringify({ start: "-P1D", periodOverride: "auto", widgets: placed(rows) }) as string;
}

/** Every row begins at the left edge, below the one before it, and wraps at the right edge. */
function placed(rows: readonly (readonly Widget[])[]): object[] {
  const widgets: object[] = [];
  const all = rows.flat().length;
  let y = 0;
  for (const row of rows) {
    let x = 0;
    let height = 0;
    for (const widget of row) {
      if (widgets.length === MOST_WIDGETS - 1 && all > MOST_WIDGETS) {
        const left = text(
          `${all - widgets.length} more graphs do not fit: CloudWatch takes ${MOST_WIDGETS}.`,
          1,
        );
        return [...widgets, { ...left, x: 0, y: y + height }];
      }
      if (x + widget.width > COLUMNS) {
        y += height;
        x = 0;
        height = 0;
      }
      widgets.push({ ...widget, x, y });
      x += widget.width;
      height = Math.max(height, widget.height);
    }
    y += height;
  }
  return widgets;
}

function headline({ rollout, stages, remark }: DashboardSpec): Widget {
  const markdown = [
    `# ${words(rollout.title === undefined ? rollout.name : `${rollout.name}: ${rollout.title}`)}`,
    `${words(remark)} Declared by Pulumi: what is changed here by hand is overwritten.`,
    "",
    ...table(
      ["stage", "flags while it is live", "soak"],
      stages.map((stage) => [nameOf(stage), showFlags(stage.flags), stage.soak ?? "–"].map(words)),
    ),
  ].join("\n");
  return text(markdown, 4 + stages.length);
}

function nameOf({ name, title }: DashboardSpec["stages"][number]): string {
  return title === undefined ? name : `${name}: ${title}`;
}

function text(markdown: string, height: number): Widget {
  return { type: "text", width: COLUMNS, height, properties: { markdown } };
}

function inTurn<T>(items: readonly T[], most: number): T[][] {
  return items.flatMap((_, index) => (index % most === 0 ? [items.slice(index, index + most)] : []));
}

function alarmStates(alarms: readonly string[]): Widget {
  const height = 2 + Math.ceil(alarms.length / 4);
  return { type: "alarm", width: COLUMNS, height, properties: { title: "Alarms", alarms: [...alarms] } };
}

function graphWidget(signal: Signal, region: string, vertical: readonly object[]): Widget {
  const { row, kind, title, source, alarmPeriod: period = 60, samples, limits } = signal;
  const color = kind === "abort" ? RED : BLUE;
  const lines = limits.map(({ label, value, bad }) => ({
    label,
    value,
    color,
    ...(bad ? { fill: bad } : {}),
  }));
  const metrics = [
    ...drawn(source, period, {}),
    ...(samples === undefined ? [] : drawn(samples, period, { yAxis: "right" })),
  ];
  return {
    type: "metric",
    ...GRAPH,
    properties: {
      title: `${row} · ${title}`,
      region,
      view: "timeSeries",
      stacked: false,
      period,
      stat: isMath(source) ? "Sum" : source.statistic,
      metrics,
      yAxis: { left: { showUnits: false }, right: { showUnits: false, min: 0 } },
      annotations: {
        ...(lines.length > 0 ? { horizontal: lines } : {}),
        ...(vertical.length > 0 ? { vertical } : {}),
      },
    },
  };
}

/** A source as a graph takes it: math with its metrics, which only feed it. */
function drawn(source: MetricSource, period: number, look: { readonly yAxis?: "right" }): unknown[] {
  const { metric: what, statistic: of } = labelOf(source);
  const label = look.yAxis === "right" ? `${what}, samples` : isMath(source) ? what : `${what}, ${of}`;
  return queriesOf(source).map(({ id, metric, expression, returnData }) => {
    if (!metric) return [{ expression, id, label, period, ...look }];
    const dimensions = dimensionList(metric.dimensions).flatMap(({ Name, Value }) => [Name, Value]);
    const shown = returnData ? { label, ...look } : { id, visible: false };
    return [metric.namespace, metric.name, ...dimensions, { stat: metric.statistic, period, ...shown }];
  });
}

/** CloudWatch takes no fractions of a second. */
function wholeSecond(iso: string): string {
  return `${iso.slice(0, 19)}Z`;
}
