import { type Behaviour, Otherwise, type Shipped, same } from "./behaviour";
import { DAY, HOUR, MINUTE } from "./world/clock";
import { LIVE_MS, type Told, toldBy } from "./world/sent";

interface Asked extends Omit<Told, "text" | "asked" | "overMs"> {
  readonly rollout: Shipped;
  readonly stage: string;
  readonly row: string;
  /** What has to be read in it. */
  readonly says?: readonly RegExp[];
  /** The exit gates whose figures stand in it; none where it has no summary. */
  readonly figures?: readonly string[];
  /** The plan's questions whose answers stand in it. */
  readonly asks?: readonly string[];
}

const behaviour = ({
  rollout: of,
  stage,
  row,
  to,
  when,
  says = [],
  figures,
  asks = [],
}: Asked): Behaviour => ({
  rollout: of,
  rows: [row, ...(of === "ops-view" ? ["release"] : [])],
  title: `${row}: ${wordsOf(when)} ${to.join(", ")} are told${figures ? ", with figures" : ""}${asks.length > 0 ? `, with ${asks.join(" and ")}` : ""}`,
  async run(rollout) {
    const told = await toldBy(rollout, stage, row);
    same(told.to, [...to].sort(), `who reads ${row}`);
    same(told.when, when, `when ${row} is sent`);
    for (const words of says)
      if (!words.test(told.text)) throw new Otherwise(`${row} does not say ${words.source}`);
    const shown = [...told.text.matchAll(/^ {2}([\w-]+) [A-Z-]+: /gm)].map(([, id]) => id);
    same([...new Set(shown)].sort(), [...(figures ?? [])].sort(), `the gates with figures in ${row}`);
    same(/^Soak:/m.test(told.text), figures !== undefined, `whether ${row} has a summary of the soak`);
    same(told.asked, asks, `the questions of ${row}`);
    for (const id of asks)
      same(told.text.includes(`answer to ${id}`), true, `whether ${row} has the answer to ${id}`);
    if (asks.length > 0 && typeof when === "object")
      same(told.overMs, "every" in when ? when.every : LIVE_MS, `the time that ${row} asks about`);
  },
});

function wordsOf(when: Told["when"]): string {
  if (typeof when === "string") return when === "before" ? "before the flip" : "at the finish";
  return "after" in when ? `${when.after / HOUR} h after the flip` : `every ${when.every / HOUR} h`;
}

const ops = { rollout: "ops-view" } as const;
const v2 = { rollout: "v2-pipeline" } as const;
/** What each stage with users on v2 is left by. */
const G = ["G1", "G2", "G3", "G4", "G5", "G5c", "G5g", "G5m", "S2"];
const E = ["E1", "E2", "E3", "E4", "E5"];
const F = ["F1", "F2", "F3", "F4", "F4s", "F5"];
const Q_AFTER = { to: ["ops"], when: { after: 15 * MINUTE }, asks: ["Q1", "Q6"] };
const Q_DAILY = { to: ["ops"], when: { every: DAY }, asks: ["Q3", "Q5"] };

export const MESSAGES: readonly Behaviour[] = [
  {
    ...ops,
    stage: "stageA",
    row: "C1",
    to: ["ops"],
    when: "before" as const,
    says: [/no user-facing change/i],
  },
  { ...ops, stage: "stageA", row: "C2", to: ["ops"], when: { after: DAY }, figures: E },
  {
    ...ops,
    stage: "stageB",
    row: "C3",
    to: ["ops", "stakeholders"],
    when: "before" as const,
    says: [/status transitions (will )?persist/i],
  },
  {
    ...ops,
    stage: "stageB",
    row: "C4",
    to: ["onCall", "ops", "stakeholders"],
    when: "finish" as const,
    says: [/v2\.54\.1 fully enabled/, /^Release: +v2\.54\.1 of 2026-02-17$/m],
    figures: F,
  },
  { ...v2, stage: "percent10", row: "M10", to: ["ops"], when: "before" as const },
  { ...v2, stage: "percent10", row: "M10h", to: ["ops"], when: { every: HOUR }, figures: G },
  { ...v2, stage: "percent10", row: "M10q", ...Q_AFTER },
  { ...v2, stage: "percent10", row: "M10d", ...Q_DAILY },
  { ...v2, stage: "percent10", row: "M10e", to: ["ops"], when: { after: DAY }, figures: G },
  { ...v2, stage: "percent50", row: "M50", to: ["ops"], when: "before" as const },
  {
    ...v2,
    stage: "percent50",
    row: "M50h",
    to: ["ops"],
    when: { every: 12 * HOUR },
    figures: G,
  },
  { ...v2, stage: "percent50", row: "M50q", ...Q_AFTER },
  { ...v2, stage: "percent50", row: "M50d", ...Q_DAILY },
  { ...v2, stage: "percent50", row: "M50e", to: ["ops"], when: { after: 2 * DAY }, figures: G },
  { ...v2, stage: "percent100", row: "M100", to: ["ops", "stakeholders"], when: "before" as const },
  {
    ...v2,
    stage: "percent100",
    row: "M100h",
    to: ["ops"],
    when: { every: DAY },
    figures: G,
    asks: ["Q1", "Q3", "Q5"],
  },
  { ...v2, stage: "percent100", row: "M100q", ...Q_AFTER },
  {
    ...v2,
    stage: "percent100",
    row: "M100e",
    to: ["ops", "stakeholders"],
    when: { after: 7 * DAY },
    figures: G,
  },
  {
    ...v2,
    stage: "deprecate-v1",
    row: "MD",
    to: ["ops", "stakeholders"],
    when: "before" as const,
    says: [/sunset/],
  },
  { ...v2, stage: "deprecate-v1", row: "MDh", ...Q_DAILY, says: [/V1Requests/] },
  { ...v2, stage: "deprecate-v1", row: "MDq", ...Q_AFTER },
  { ...v2, stage: "remove-v1", row: "MXq", ...Q_AFTER },
  {
    ...v2,
    stage: "remove-v1",
    row: "MXf",
    to: ["ops", "stakeholders"],
    when: "finish" as const,
    figures: G,
  },
  { ...v2, stage: "remove-v1", row: "MX", to: ["ops", "stakeholders"], when: "before" as const },
].map(behaviour);
