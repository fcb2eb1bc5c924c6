import type { Flags } from "../../src/flags/flags";
import { type Behaviour, type Shipped, same } from "./behaviour";
import { HOUR } from "./world/clock";
import { fire } from "./world/switch";

const ops = (read: boolean, write: boolean): Flags => ({ OPS_VIEW_DB_READ: read, OPS_VIEW_DB_WRITE: write });
const v2 = (percent: number, deprecated = false, removed = false): Flags => ({
  ...{ V2_ROLLOUT_PERCENT: percent, V1_DEPRECATED: deprecated, V1_REMOVED: removed },
});

interface Case {
  readonly live: Flags;
  readonly left: Flags;
}

interface Asked {
  readonly rollout: Shipped;
  readonly row: string;
  readonly stage: string;
  readonly title: string;
  readonly told: readonly string[];
  readonly cases: readonly Case[];
  readonly remindedMs?: number;
  /** The flags once nobody has decided by then. Everyone is told. */
  readonly undecided?: Flags;
  readonly incident?: true;
}

/** The operations view's servers read their environment; the pipeline's read its percentage as they run. */
const RESTARTED: Readonly<Record<Shipped, readonly string[]>> = {
  "ops-view": ["ops/ops-view"],
  "v2-pipeline": [],
};

const behaviour = ({
  rollout: of,
  row,
  stage,
  title,
  told,
  cases,
  remindedMs,
  undecided,
  incident,
}: Asked): Behaviour => ({
  rollout: of,
  rows: [row, "abort", "abortTo", "C5", ...(of === "v2-pipeline" ? ["K1"] : ["servers"])],
  title: `${row}: when it fires, ${title}`,
  async run(rollout) {
    for (const { live, left } of cases) {
      const found = await fire(rollout, stage, row, live);
      same(found.flags, left, `the flags once ${row} has fired over ${JSON.stringify(live)}`);
      const lowered = JSON.stringify(left) !== JSON.stringify(live);
      same(
        found.restarted,
        lowered ? RESTARTED[of] : [],
        `the servers that start anew once ${row} has fired`,
      );
      same(found.told, [...told].sort(), `who is told of ${row}`);
      same(found.reminded, remindedMs === undefined ? [] : [remindedMs], `the reminder of ${row}`);
      same(found.undecided?.flags, undecided, `the flags where nobody has decided about ${row}`);
      if (undecided) same(found.undecided?.told, ALL, `who is told that nobody has decided about ${row}`);
      const opened = Object.entries(found.texts).filter(([, text]) => text.startsWith("Incident opened:"));
      same(
        opened.map(([topic]) => topic).sort(),
        incident ? ["ops", "stakeholders"] : [],
        `the incident of ${row}`,
      );
    }
  },
});

const ALL = ["onCall", "ops", "stakeholders"];
const readOff = [
  { live: ops(true, false), left: ops(false, false) },
  { live: ops(true, true), left: ops(false, false) },
];
const writeOff = [{ live: ops(true, true), left: ops(true, false) }];
const nothing = [{ live: ops(true, true), left: ops(true, true) }];
const toV1 = [v2(10), v2(50), v2(100), v2(100, true)].map((live) => ({ live, left: v2(0) }));
/** Once v1 is gone there is nothing to go back to. */
const stays = { live: v2(100, true, true), left: v2(100, true, true) };

export const ABORTS: readonly Behaviour[] = [
  ...["XA1", "XA2", "XA4", "XA4q"].map((row) =>
    behaviour({
      rollout: "ops-view",
      row,
      stage: "stageA",
      title: "READ goes off, and everyone is told",
      told: ALL,
      cases: readOff,
    }),
  ),
  behaviour({
    rollout: "ops-view",
    row: "XA3",
    stage: "stageA",
    title: "on-call is paged, and no flag changes",
    told: ["onCall"],
    cases: nothing,
  }),
  ...["XB1", "XB2", "XB2q", "XB3"].map((row) =>
    behaviour({
      rollout: "ops-view",
      row,
      stage: "stageB",
      title: "WRITE goes off, READ stays, and everyone is told",
      told: ALL,
      cases: writeOff,
    }),
  ),
  behaviour({
    rollout: "ops-view",
    row: "XB4",
    stage: "stageB",
    title: "on-call is paged, and no flag changes",
    told: ["onCall"],
    cases: nothing,
  }),
  ...["T1", "T2"].map((row) =>
    behaviour({
      rollout: "v2-pipeline",
      row,
      stage: "percent10",
      title: "everyone is on v1 again, and told",
      told: ALL,
      cases: toV1,
    }),
  ),
  behaviour({
    ...{ rollout: "v2-pipeline", row: "T3", stage: "percent10", told: ["onCall"], remindedMs: HOUR },
    title: "on-call is paged, and where nobody decides within the hour, everyone is on v1 again",
    cases: [{ live: v2(50), left: v2(50) }],
    undecided: v2(0),
  }),
  behaviour({
    ...{ rollout: "v2-pipeline", row: "T4", stage: "percent10", told: ALL, cases: toV1, incident: true },
    title: "everyone is on v1 again, and an incident is open",
  }),
  behaviour({
    ...{ rollout: "v2-pipeline", row: "D5", stage: "deprecate-v1", told: ["onCall"] },
    title: "on-call is paged, and no flag changes",
    cases: [{ live: v2(100, true), left: v2(100, true) }],
  }),
  ...["T1", "T2", "T4"].map(
    (row): Behaviour => ({
      rollout: "v2-pipeline",
      rows: [row, "irreversible"],
      title: `remove-v1: when ${row} fires once v1 is gone, everyone stays on v2, on-call is paged${row === "T4" ? ", and the rollout is held" : ""}`,
      async run(rollout) {
        const found = await fire(rollout, "percent10", row, stays.live);
        same(found.flags, stays.left, `the flags once ${row} has fired with v1 gone`);
        same(found.told.includes("onCall"), true, `whether on-call is paged of ${row}`);
        same(found.held, row === "T4", `whether the rollout is held by ${row}`);
      },
    }),
  ),
  behaviour({
    ...{ rollout: "v2-pipeline", row: "X5", stage: "remove-v1", told: ["onCall"] },
    title: "on-call is paged, and no flag changes",
    cases: [
      { live: v2(100, true, true), left: v2(100, true, true) },
      // The flip of V1_REMOVED is under way still.
      { live: v2(100, true), left: v2(100, true) },
    ],
  }),
];
