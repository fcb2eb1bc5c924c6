import fc from "fast-check";
import type { ReportData, ReportSignal } from "../../../cli/report/data";

/** A rollout of four days, as a report shows it: promotions, a drill, two alarms, an abort. */

const DAY = 86_400_000;
export const BEGIN = Date.parse("2026-11-17T08:00:00.000Z");
export const MADE = BEGIN + 4 * DAY;

export const at = (ms: number) => new Date(BEGIN + ms).toISOString();

const OFF = { OPS_VIEW_DB_READ: false, OPS_VIEW_DB_WRITE: false };
const READ = { OPS_VIEW_DB_READ: true, OPS_VIEW_DB_WRITE: false };
const WRITE = { OPS_VIEW_DB_READ: true, OPS_VIEW_DB_WRITE: true };

type Deployment = Extract<ReportData["ledger"], { known: true }>["value"]["deployments"][number];

export function deployment(number: number, ms: number, spec: Partial<Deployment> = {}): Deployment {
  return {
    number,
    state: "complete",
    at: at(ms),
    kind: "promote",
    stage: "stageA",
    attempt: 1,
    said: "stageA, attempt 1",
    flags: { known: true, value: READ },
    ...spec,
  };
}

/** A wave with one peak: the same each time. */
export function wave(count: number, high: number, peak?: number): [number, number][] {
  return Array.from({ length: count }, (_, index) => [
    BEGIN + (index * 4 * DAY) / count,
    index === peak ? high * 3 : Math.round(high * (0.5 + 0.4 * Math.sin(index / 9)) * 100) / 100,
  ]);
}

export function signal(spec: Partial<ReportSignal> = {}): ReportSignal {
  return {
    id: "OpsView Write5xx Sum",
    metric: "Write5xx",
    statistic: "Sum",
    rows: [
      { row: "XB1", stage: "stageB", kind: "abort", title: "A write endpoint answers with a server error" },
    ],
    lines: [{ row: "XB1", kind: "abort", label: "> 0 rolls back", value: 0, bad: "above" }],
    period: 300,
    alarmPeriod: 10,
    points: { known: true, value: wave(1_152, 0, 1_000).map(([t], index) => [t, index === 860 ? 4 : 0]) },
    ...spec,
  };
}

export function reportFixture(spec: Partial<ReportData> = {}): ReportData {
  return {
    version: 2,
    rollout: "ops-view",
    title: "The operations view moves from memory to PostgreSQL",
    madeAt: new Date(MADE).toISOString(),
    timeScale: 1,
    rehearsal: false,
    flags: {
      OPS_VIEW_DB_READ: { kind: "boolean", title: "Queue and lists are read from the database", off: false },
      OPS_VIEW_DB_WRITE: {
        kind: "boolean",
        title: "Patches and RFIs are written to the database",
        off: false,
      },
    },
    stages: [
      { name: "baseline", title: "Both flags off", attempt: 1, flags: OFF },
      {
        name: "stageA",
        title: "Reads come from the database",
        attempt: 1,
        flags: READ,
        soak: "24h",
        soakEnds: at(3.4 * DAY),
      },
      { name: "stageB", title: "Reads and writes go to the database", attempt: 1, flags: WRITE, soak: "48h" },
    ],
    ledger: {
      known: true,
      value: {
        live: { deployment: 5, since: at(3 * DAY), flags: READ, stage: "stageA", undeclared: [] },
        deployments: [
          deployment(1, 0, {
            stage: "baseline",
            said: "baseline, attempt 1",
            flags: { known: true, value: OFF },
          }),
          deployment(2, 0.3 * DAY),
          deployment(3, 0.35 * DAY, { kind: "drill", said: "a drill of stageA, attempt 1" }),
          deployment(4, 1.6 * DAY, {
            stage: "stageB",
            said: "stageB, attempt 1",
            flags: { known: true, value: WRITE },
          }),
          deployment(5, 3 * DAY, {
            kind: "abort",
            stage: "stageB",
            row: "XB1",
            reason: "A write endpoint answers with a server error",
            said: "the abort of stageB, attempt 1, by XB1",
            seen: "seen by arn:aws:iam::1:user/ada after 4 min",
            downs: ["stageB"],
          }),
        ],
        attempts: [
          {
            stage: "baseline",
            attempt: 1,
            flip: { deployment: 1, at: at(0) },
            ended: "passed",
            said: "passed",
          },
          {
            stage: "stageA",
            attempt: 1,
            flip: { deployment: 2, at: at(0.3 * DAY), by: "arn:aws:iam::1:user/ada", release: "v2.54.1" },
            ended: "live",
            said: "live",
          },
          {
            stage: "stageB",
            attempt: 1,
            flip: { deployment: 4, at: at(1.6 * DAY) },
            ended: "down",
            said: "aborted by XB1 (A write endpoint answers with a server error)",
          },
        ],
      },
    },
    alarms: {
      known: true,
      value: [
        {
          row: "XA3",
          stage: "stageA",
          title: "An analyst sees someone else's items",
          action: "page",
          state: "OK",
          history: {
            known: true,
            value: [
              { at: at(0.3 * DAY), to: "OK" },
              { at: at(0.9 * DAY), to: "ALARM" },
              { at: at(1.05 * DAY), to: "OK" },
            ],
          },
        },
        {
          row: "XA4",
          stage: "stageA",
          title: "The queue's p95 is over 2 s",
          action: "rollback",
          state: "OK",
          history: { known: true, value: [{ at: at(0.3 * DAY), to: "OK" }] },
        },
        {
          row: "XB1",
          stage: "stageB",
          title: "A write endpoint answers with a server error",
          action: "rollback",
          state: "ALARM",
          history: {
            known: true,
            value: [
              { at: at(1.6 * DAY), to: "OK" },
              { at: at(2.999 * DAY), to: "ALARM" },
            ],
          },
        },
      ],
    },
    signals: [
      signal(),
      signal({
        id: "OpsView QueueLatencyMs p95",
        metric: "QueueLatencyMs",
        statistic: "p95",
        rows: [
          { row: "XA4", stage: "stageA", kind: "abort", title: "The queue's p95 is over 2 s" },
          {
            row: "E5",
            stage: "stageA",
            kind: "gate",
            title: "The queue's p95 is below 500 ms over the whole soak",
          },
        ],
        lines: [
          { row: "XA4", kind: "abort", label: "> 2000 rolls back", value: 2_000, bad: "above" },
          { row: "E5", kind: "gate", label: "required < 500", value: 500, bad: "above" },
        ],
        points: { known: true, value: wave(1_152, 400, 700) },
      }),
      signal({
        id: "OpsView StaleVersion409 Average",
        metric: "StaleVersion409",
        statistic: "Average",
        rows: [{ row: "XB2", stage: "stageB", kind: "abort", title: "More than 10 % of writes answer 409" }],
        lines: [{ row: "XB2", kind: "abort", label: "> 0.1 rolls back", value: 0.1, bad: "above" }],
        points: {
          known: true,
          value: wave(1_152, 0.06).filter(([ms]) => ms > BEGIN + 1.6 * DAY && ms < BEGIN + 2.8 * DAY),
        },
      }),
      signal({
        id: "cutover/ops-view XB3 Maximum",
        metric: "XB3",
        statistic: "Maximum",
        rows: [{ row: "XB3", stage: "stageB", kind: "abort", title: "Local and database state differ" }],
        points: { known: true, value: [] },
      }),
    ],
    evidence: [
      {
        stage: "stageA",
        records: {
          known: true,
          value: [
            {
              attempt: 1,
              measured: "2026-11-17 15:11:58Z",
              commit: "0123456789ab",
              gates: [
                {
                  row: "A1",
                  title: "Migrations 012 and 013 are applied",
                  outcome: "pass",
                  said: "2; required = 2",
                },
                { row: "A3", title: "The workspace has patches", outcome: "pass", said: "412; required > 0" },
              ],
              smoke: [
                {
                  row: "A2",
                  title: "Every running server reports the flags",
                  outcome: "pass",
                  said: "all 2 servers",
                },
              ],
            },
          ],
        },
      },
      {
        stage: "stageB",
        records: {
          known: true,
          value: [
            {
              attempt: 1,
              measured: "2026-11-18 22:23:10Z",
              commit: "0123456789ab-dirty",
              gates: [
                {
                  row: "E4",
                  title: "No user reports an anomaly of what they see",
                  outcome: "pass",
                  said: "Support knows of no anomaly; required a statement for this attempt",
                },
              ],
              smoke: [],
            },
          ],
        },
      },
    ],
    messages: [
      {
        row: "C1",
        stage: "stageA",
        title: "Reads are about to be enabled",
        to: ["ops"],
        when: "at the flip",
      },
      {
        row: "C2",
        stage: "stageA",
        title: "Reads have come from the database for 24 h",
        to: ["ops"],
        when: "after 24h",
        due: at(4.2 * DAY),
      },
    ],
    told: {
      known: true,
      value: [{ row: "C1", stage: "stageA", attempt: 1, to: "ops", at: at(0.299 * DAY) }],
    },
    events: [
      {
        at: at(0.2 * DAY),
        kind: "blocked",
        title: "stageA, before the migrations",
        lines: ["A1 fail: Migrations 012 and 013 are applied; observed 0, required = 2"],
      },
    ],
    ...spec,
  };
}

/** The same, as far as somebody without most permissions gets. */
export function partialFixture(): ReportData {
  const whole = reportFixture();
  const denied = { known: false, why: "access denied" } as const;
  return {
    ...whole,
    alarms: denied,
    told: denied,
    signals: whole.signals.map((one, index) =>
      index === 0
        ? { ...one, points: denied }
        : index === 1
          ? { ...one, partial: "CloudWatch has not told all data" }
          : one,
    ),
    evidence: whole.evidence.map(({ stage }) => ({
      stage,
      records: { known: false, why: "there is no pulumi on PATH" },
    })),
    ledger: whole.ledger.known
      ? {
          known: true,
          value: {
            ...whole.ledger.value,
            deployments: whole.ledger.value.deployments.map((one) =>
              one.number === 3 ? { ...one, flags: denied } : one,
            ),
          },
        }
      : whole.ledger,
  };
}

/** Text of any kind: marks, control characters, halves of characters. Often such as means something in HTML. */
export const anyText = fc
  .array(
    fc.oneof(
      fc.integer({ min: 0, max: 0xffff }),
      fc.constantFrom(...[..."<>&\"'/=-!"].map((c) => c.charCodeAt(0))),
    ),
    {
      maxLength: 40,
    },
  )
  .map((codes) => String.fromCharCode(...codes));
