import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { z } from "zod";
import { type DashboardSpec, dashboardBody } from "../../components/dashboardBody";
import { loadRollout } from "../../src/rollout/load";
import type { Stage } from "../../src/rollout/rollout";
import { entry, note } from "../support/build";
import { alarm, rollout } from "./rollout";

/** CloudWatch's documented structure, as far as this dashboard uses it; nothing beside it is let through. */
const line = z.strictObject({
  label: z.string(),
  value: z.number(),
  color: z.string().regex(/^#[0-9a-f]{6}$/),
  fill: z.enum(["above", "below"]).optional(),
});
const moment = z.strictObject({
  label: z.string(),
  value: z.iso.datetime({ precision: 0 }),
  color: z.string().regex(/^#[0-9a-f]{6}$/),
});
const period = z.int().refine((seconds) => [1, 5, 10, 20, 30].includes(seconds) || seconds % 60 === 0);
const look = {
  period,
  label: z.string().optional(),
  yAxis: z.enum(["left", "right"]).optional(),
  id: z.string().optional(),
  visible: z.boolean().optional(),
};
/** Namespace, name, then names and values of dimensions. */
const ofMetric = z
  .array(z.union([z.string().min(1), z.strictObject({ stat: z.string(), ...look })]))
  .refine(
    (parts) =>
      parts.length % 2 === 1 && parts.every((part, n) => (typeof part === "string") === n < parts.length - 1),
  );
const ofMath = z.tuple([z.strictObject({ expression: z.string(), ...look })]);
const metric = z.union([ofMath, ofMetric]);
const place = {
  x: z.int().min(0).max(23),
  y: z.int().min(0),
  width: z.int().min(1).max(24),
  height: z.int().min(1).max(1000),
};
const widget = z.discriminatedUnion("type", [
  z.strictObject({ type: z.literal("text"), ...place, properties: z.strictObject({ markdown: z.string() }) }),
  z.strictObject({
    type: z.literal("alarm"),
    ...place,
    properties: z.strictObject({
      title: z.string(),
      alarms: z.array(z.string().startsWith("arn:aws:cloudwatch:")).min(1).max(100),
    }),
  }),
  z.strictObject({
    type: z.literal("metric"),
    ...place,
    properties: z.strictObject({
      title: z.string(),
      region: z.string().min(1),
      view: z.literal("timeSeries"),
      stacked: z.boolean(),
      period,
      stat: z.string(),
      metrics: z.array(metric).min(1).max(500),
      yAxis: z.strictObject({
        left: z.strictObject({ showUnits: z.boolean() }),
        right: z.strictObject({ showUnits: z.boolean(), min: z.number() }),
      }),
      annotations: z.strictObject({
        horizontal: z.array(line).min(1).optional(),
        vertical: z.array(moment).min(1).optional(),
      }),
    }),
  }),
]);
const body = z.strictObject({
  start: z.string().regex(/^-P/),
  periodOverride: z.enum(["auto", "inherit"]),
  widgets: z.array(widget).max(500),
});

const spec = (changes: Partial<DashboardSpec> = {}): DashboardSpec => ({
  rollout: { name: "ops-view", title: "From memory to PostgreSQL" },
  stages: rollout().stages,
  region: "eu-central-1",
  alarms: [],
  changes: [],
  remark: "All of it.",
  ...changes,
});

const made = (changes: Partial<DashboardSpec> = {}) => body.parse(JSON.parse(dashboardBody(spec(changes))));
const graphs = (changes: Partial<DashboardSpec> = {}) =>
  made(changes).widgets.flatMap((one) => (one.type === "metric" ? [one.properties] : []));
const overlap = (widgets: z.infer<typeof body>["widgets"]) =>
  widgets.some((a, index) =>
    widgets
      .slice(index + 1)
      .some(
        (b) => a.x < b.x + b.width && b.x < a.x + a.width && a.y < b.y + b.height && b.y < a.y + a.height,
      ),
  );

/** A stage with so many abort rows. */
const crowded = (rows: number, name = "stageX"): Stage => ({
  ...(rollout({}, { stageB: { abort: { XB1: alarm() } } }).stages[2] as Stage),
  name,
  abort: Object.fromEntries(
    Array.from({ length: rows }, (_, row) => [
      `X${row}`,
      rollout({}, { stageB: { abort: { XB1: alarm() } } }).stages[2]?.abort.XB1,
    ]),
  ) as Stage["abort"],
});

describe.each([
  ["ops-view", "."],
  ["v2-pipeline", "rollouts/v2-pipeline"],
])("the dashboard of %s", (_, folder) => {
  const { stages, ...of } = loadRollout(join(__dirname, "..", "..", folder));

  test("is one that CloudWatch takes, with a graph for each abort row and each metric gate", () => {
    const { widgets } = made({ rollout: of, stages });
    const rows = stages.flatMap(({ abort, entry, smoke, exit }) => [
      ...Object.keys(abort),
      ...Object.entries({ ...entry, ...smoke, ...exit }).flatMap(([row, { source }]) =>
        source === "metric" ? [row] : [],
      ),
    ]);
    const titles = widgets.flatMap((one) =>
      one.type === "metric" ? [one.properties.title.split(" ")[0]] : [],
    );
    expect(titles).toEqual(rows);
    expect(rows.length).toBeGreaterThan(5);
    expect(overlap(widgets)).toBe(false);
  });
});

describe("a signal", () => {
  test("is a graph of its very metric, with its threshold and the side that is bad", () => {
    expect(graphs()[0]).toMatchObject({
      title: "XB1 · Writes answer with errors",
      region: "eu-central-1",
      period: 10,
      metrics: [["OpsView", "Write5xx", { stat: "Sum", period: 10, label: "Write5xx, Sum" }]],
      annotations: { horizontal: [{ label: "> 0 rolls back", value: 0, fill: "above" }] },
    });
  });

  test.each([
    ["gt", "> 5", "above"],
    ["gte", "≥ 5", "above"],
    ["lt", "< 5", "below"],
    ["lte", "≤ 5", "below"],
  ])("breaches %s as %s, %s the line", (operator, sign, fill) => {
    const abort = { XB1: alarm({ threshold: { [operator]: 5 }, action: "page" }) };
    const [graph] = graphs({ stages: rollout({}, { stageB: { abort } }).stages });
    expect(graph?.annotations.horizontal).toEqual([
      expect.objectContaining({ label: `${sign} pages`, value: 5, fill }),
    ]);
  });

  test("of math is drawn from its metrics, which are not drawn themselves, with what counts its samples", () => {
    const errors = {
      namespace: "OpsView",
      name: "Write5xx",
      statistic: "Sum",
      dimensions: { Service: "ops" },
    };
    const requests = { namespace: "OpsView", name: "WriteRequests", statistic: "Sum" };
    const math = { metrics: { errors, requests }, expression: "100 * errors / requests", period: "1m" };
    const abort = {
      XB1: alarm({ metric: math, threshold: { gt: 5 }, minSamples: 20, samplesFrom: "requests" }),
    };
    expect(graphs({ stages: rollout({}, { stageB: { abort } }).stages })[0]).toMatchObject({
      metrics: [
        ["OpsView", "Write5xx", "Service", "ops", { stat: "Sum", period: 60, id: "errors", visible: false }],
        ["OpsView", "WriteRequests", { stat: "Sum", period: 60, id: "requests", visible: false }],
        [
          {
            expression: "100 * errors / requests",
            id: "value",
            label: "100 * errors / requests",
            period: 60,
          },
        ],
        [
          "OpsView",
          "WriteRequests",
          { stat: "Sum", period: 60, label: "WriteRequests, samples", yAxis: "right" },
        ],
      ],
      annotations: { horizontal: [{ label: "> 5 rolls back", value: 5, fill: "above" }] },
    });
  });

  test("of an alarm that somebody else declares has no graph: its owner knows its metric", () => {
    const abort = {
      XB1: alarm({ metric: undefined, threshold: undefined, missingData: undefined, alarm: "lag" }),
    };
    expect(graphs({ stages: rollout({}, { stageB: { abort } }).stages })).toEqual([]);
  });

  test("of a gate shows what is required, fills the other side, and counts its samples", () => {
    const gate = {
      source: "metric",
      title: "p95 is low",
      namespace: "OpsView",
      name: "QueueLatencyMs",
      statistic: "p95",
      window: "soak",
      minSamples: 10,
      samplesFrom: "ReadRequests",
      expect: { lt: 500 },
    };
    const { stages } = rollout({}, { stageA: { exit: { E5: gate } }, stageB: { abort: {} } });
    expect(graphs({ stages })).toEqual([
      expect.objectContaining({
        title: "E5 · p95 is low",
        metrics: [
          ["OpsView", "QueueLatencyMs", expect.objectContaining({ stat: "p95" })],
          ["OpsView", "ReadRequests", expect.objectContaining({ stat: "Sum", yAxis: "right" })],
        ],
        annotations: { horizontal: [expect.objectContaining({ value: 500, fill: "above" })] },
      }),
    ]);
  });

  test("that is no metric has no graph", () => {
    const { stages } = rollout({}, { stageB: { abort: {} } });
    expect(graphs({ stages })).toEqual([]);
  });
});

describe("changes of flags", () => {
  const changes = [
    entry(3, { note: note({ kind: "abort", stage: "stageB", row: "XB1" }) }),
    entry(2),
    entry(4, { state: "rolled-back" }),
    entry(5, { state: "under-way", completedAt: undefined }),
    entry(1, { note: undefined }),
  ];

  test("are marked in every graph, oldest first, each in its own words", () => {
    for (const { annotations } of graphs({ changes }))
      expect(annotations.vertical).toEqual([
        expect.objectContaining({
          label: "deployment 1, which was not made by cutover",
          value: "2026-11-01T12:00:00Z",
        }),
        expect.objectContaining({ label: "stageA, attempt 1", value: "2026-11-02T12:00:00Z" }),
        expect.objectContaining({
          label: "the abort of stageB, attempt 1, by XB1",
          value: "2026-11-03T12:00:00Z",
        }),
      ]);
    expect(graphs({ changes }).length).toBeGreaterThan(0);
  });

  test("are no more than can be read: the newest twenty", () => {
    const many = Array.from({ length: 25 }, (_, index) =>
      entry(index + 1, { completedAt: "2026-11-01T12:00:00.000Z", note: note({ attempt: index + 1 }) }),
    );
    const [graph] = graphs({ changes: many });
    expect(graph?.annotations.vertical?.map(({ label }) => label)).toEqual(
      Array.from({ length: 20 }, (_, index) => `stageA, attempt ${index + 6}`),
    );
  });

  test("that are none leave no empty list, which CloudWatch need not take", () => {
    expect(graphs()[0]?.annotations).not.toHaveProperty("vertical");
  });
});

test("alarms are shown by their ARNs, a hundred a widget", () => {
  const alarms = Array.from({ length: 150 }, (_, n) => `arn:aws:cloudwatch:eu-central-1:1:alarm:a${n}`);
  const shown = made({ alarms }).widgets.flatMap((one) =>
    one.type === "alarm" ? [one.properties.alarms] : [],
  );
  expect(shown.map((some) => some.length)).toEqual([100, 50]);
  expect(shown.flat()).toEqual(alarms);
});

test("config's words are text, whatever Markdown they hold", () => {
  const title = "a | b\n# [click](https://evil.example) <b>";
  const { widgets } = made({ rollout: { name: "ops-view", title } });
  const [first] = widgets;
  expect(first?.type === "text" && first.properties.markdown.split("\n")[0]).toBe(
    "# ops-view: a &#124; b # \\[click\\](https://evil.example) \\<b>",
  );
});

test("more graphs than CloudWatch takes are left out, and that is said", () => {
  const { widgets } = made({ stages: [crowded(700)] });
  expect(widgets).toHaveLength(500);
  const last = widgets.at(-1);
  expect(last?.type === "text" && last.properties.markdown).toMatch(/^203 more graphs do not fit/);
  expect(overlap(widgets)).toBe(false);
});

test("no two widgets overlap, and the same spec is the same text", () => {
  fc.assert(
    fc.property(
      fc.array(fc.nat({ max: 12 }), { minLength: 1, maxLength: 5 }),
      fc.nat({ max: 130 }),
      (counts, alarmCount) => {
        const stages = counts.map((count, index) => crowded(count, `stage${index}`));
        const alarms = Array.from({ length: alarmCount }, (_, n) => `arn:aws:cloudwatch:x:1:alarm:${n}`);
        const { widgets } = made({ stages, alarms });
        expect(overlap(widgets)).toBe(false);
        for (const { x, width } of widgets) expect(x + width).toBeLessThanOrEqual(24);
        expect(dashboardBody(spec({ stages, alarms }))).toBe(dashboardBody(spec({ stages, alarms })));
      },
    ),
    { numRuns: 30 },
  );
});
