import type { Facts } from "../../../cli/status/facts";
import { measureFree } from "../../../cli/status/measure";
import type { Known } from "../../../src/aws/known";
import type { Ledger } from "../../../src/flags/ledger";
import type { AbortThreshold } from "../../../src/rollout/config/abortRow";
import { ago, baseline, entry, flags, ledger, NOW, note, rollout, stageA, stageB } from "../../support/build";

/** Facts about a rollout in which nothing is wrong: a test changes the one thing that it is about. */

const HOUR = 3_600_000;

function threshold(title: string, action: "rollback" | "page" = "rollback"): AbortThreshold {
  return {
    title,
    action,
    metric: { namespace: "OpsView", name: title, statistic: "Sum", period: "10s" },
    threshold: { gt: 0 },
    datapoints: { of: 1, breaching: 1 },
    missingData: "notBreaching",
    runbook: `What to do about: ${title}`,
  } as AbortThreshold;
}

export const ROLLOUT = rollout({
  title: "The operations view moves from memory to PostgreSQL",
  stages: [
    baseline,
    {
      ...stageA,
      title: "Reads come from the database",
      abort: { XA1: threshold("The queue answers with a server error"), XA3: threshold("A leak", "page") },
      exit: {
        E1: {
          source: "sql",
          title: "Something else in the database",
          query: "select 1",
          values: [],
          expect: { gt: 0 },
          timeout: "5s",
        },
      },
      messages: {
        C2: {
          title: "Reads have come from the database for 24 h",
          to: ["ops"],
          when: { after: "24h" },
          soakSummary: false,
        },
      },
    },
    {
      ...stageB,
      title: "Reads and writes go to the database",
      entry: {
        A9: {
          source: "sql",
          title: "Something in the database",
          query: "select 1",
          values: [],
          expect: { gt: 0 },
          timeout: "5s",
        },
        B1: { source: "exit", title: "All exit criteria of stage A hold" },
        B2: { source: "soak", title: "Stage A has been live for 24 h" },
        B3: { source: "signOff", title: "No open incident" },
      },
      abort: { XB1: threshold("A write endpoint answers with a server error") },
      messages: {
        C3: {
          title: "Writes are about to be enabled",
          to: ["ops", "stakeholders"],
          when: "before",
          soakSummary: false,
        },
      },
    },
  ],
});

const STARTED = entry(1, { completedAt: ago(100 * HOUR), note: note({ stage: "baseline" }) });

/** `stageA` is live for so many hours, by deployment 2. */
export function liveA(hours: number): Ledger {
  return ledger(flags(true, false), [STARTED, entry(2, { completedAt: ago(hours * HOUR) })]);
}

/** `stageB` was promoted 10 h after stageA, 20 h ago, and XB1 brought it down 2 h ago. */
export function abortedB(): Ledger {
  return ledger(flags(true, false), [
    STARTED,
    entry(2, { completedAt: ago(30 * HOUR) }),
    entry(3, { completedAt: ago(20 * HOUR), note: note({ stage: "stageB" }) }),
    entry(4, {
      completedAt: ago(2 * HOUR),
      note: note({ kind: "abort", stage: "stageB", row: "XB1", reason: "Threshold crossed" }),
    }),
  ]);
}

/** The same; then attempt 2 of it was promoted by Ada, an hour ago. */
export function againB(): Ledger {
  return ledger(flags(true, true), [
    ...abortedB().history,
    entry(5, {
      completedAt: ago(HOUR),
      note: note({ stage: "stageB", attempt: 2, by: "arn:aws:iam::1:user/ada", release: "v2.54.1" }),
      flags: flags(true, true),
    }),
  ]);
}

/** `stageB` is live for so many hours, by deployment 3. */
export function liveB(hours: number): Ledger {
  return ledger(flags(true, true), [
    STARTED,
    entry(2, { completedAt: ago((hours + 30) * HOUR) }),
    entry(3, { completedAt: ago(hours * HOUR), note: note({ stage: "stageB" }) }),
  ]);
}

/** The same, finished by Ada two hours ago. */
export function finished(hours: number): Ledger {
  return ledger(flags(true, true), [
    ...liveB(hours).history,
    entry(4, {
      completedAt: ago(2 * HOUR),
      configurationVersion: "3",
      note: note({ kind: "finish", stage: "all", by: "arn:aws:iam::1:user/ada", reason: "nobody complains" }),
    }),
  ]);
}

export const OK = { state: "OK" as const, since: ago(50 * HOUR) };

export const ALARMS = {
  "ops-view-stageA-XA1": OK,
  "ops-view-stageA-XA3": OK,
  "ops-view-stageA-drill": OK,
  "ops-view-stageA-abort.errors": OK,
};

export const DENIED = {
  ok: false,
  why: "access denied (cloudwatch:DescribeAlarms)",
  remedy: "Give it",
} as const;

export function is<T>(value: T): Known<T> {
  return { ok: true, value };
}

/** What is known where `found` is in the ledger; the gates that cost nothing are measured as they are in truth. */
export async function facts(found: Ledger | undefined, spec: Partial<Facts> = {}): Promise<Facts> {
  const given = { rollout: ROLLOUT, region: "eu-central-1", now: NOW, timeScale: 1 };
  const measured = found && (await measureFree({ ...given, ...spec }, found));
  if (measured)
    for (const one of measured.evidence.observations)
      Object.assign(one, { at: new Date(NOW - 1_000).toISOString() });
  return {
    ...given,
    place: { rollout: ROLLOUT.name, here: true },
    ledger: is(found),
    alarms: is(ALARMS),
    unarmed: is([]),
    told: is({}),
    paged: is([]),
    ...(measured ? { measured: is(measured) } : {}),
    ...spec,
  };
}
