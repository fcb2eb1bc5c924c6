import { type Behaviour, Otherwise, type Shipped, same } from "./behaviour";
import { DAY, HOUR } from "./world/clock";
import { type Told, toldBy } from "./world/told";

interface Asked extends Omit<Told, "text"> {
  readonly rollout: Shipped;
  readonly stage: string;
  readonly row: string;
  /** What has to be read in it. */
  readonly says?: readonly RegExp[];
  /** The exit gates whose figures stand in it; none where it has no summary. */
  readonly figures?: readonly string[];
}

const behaviour = ({ rollout: of, stage, row, to, when, says = [], figures }: Asked): Behaviour => ({
  rollout: of,
  rows: [row],
  title: `${row}: ${wordsOf(when)} ${to.join(", ")} are told${figures ? ", with figures" : ""}`,
  async run(rollout) {
    const told = await toldBy(rollout, stage, row);
    same(told.to, [...to].sort(), `who reads ${row}`);
    same(told.when, when, `when ${row} is sent`);
    for (const words of says)
      if (!words.test(told.text)) throw new Otherwise(`${row} does not say ${words.source}`);
    const shown = [...told.text.matchAll(/^ {2}([\w-]+) [A-Z-]+: /gm)].map(([, id]) => id);
    same([...new Set(shown)].sort(), [...(figures ?? [])].sort(), `the gates with figures in ${row}`);
    same(/^Soak:/m.test(told.text), figures !== undefined, `whether ${row} has a summary of the soak`);
  },
});

function wordsOf(when: Told["when"]): string {
  if (when === "before") return "before the flip";
  return "after" in when ? `${when.after / HOUR} h after the flip` : `every ${when.every / HOUR} h`;
}

const ops = { rollout: "ops-view" } as const;
const v2 = { rollout: "v2-pipeline" } as const;
const G = ["G5", "G5m"];

export const MESSAGES: readonly Behaviour[] = [
  {
    ...ops,
    stage: "stageA",
    row: "C1",
    to: ["ops"],
    when: "before" as const,
    says: [/no user-facing change/i],
  },
  { ...ops, stage: "stageA", row: "C2", to: ["ops"], when: { after: DAY }, figures: ["E1", "E5"] },
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
    when: { after: 2 * DAY },
    says: [/fully enabled/],
    figures: ["F1", "F2"],
  },
  { ...v2, stage: "percent10", row: "M10", to: ["ops"], when: "before" as const },
  { ...v2, stage: "percent10", row: "M10h", to: ["ops"], when: { every: HOUR }, figures: G, says: [/Q1/] },
  { ...v2, stage: "percent10", row: "M10e", to: ["ops"], when: { after: DAY }, figures: G },
  { ...v2, stage: "percent50", row: "M50", to: ["ops"], when: "before" as const },
  {
    ...v2,
    stage: "percent50",
    row: "M50h",
    to: ["ops"],
    when: { every: 12 * HOUR },
    figures: G,
    says: [/Q1/],
  },
  { ...v2, stage: "percent50", row: "M50e", to: ["ops"], when: { after: 2 * DAY }, figures: G },
  { ...v2, stage: "percent100", row: "M100", to: ["ops", "stakeholders"], when: "before" as const },
  {
    ...v2,
    stage: "percent100",
    row: "M100h",
    to: ["ops"],
    when: { every: DAY },
    figures: G,
    says: [/Q1/, /Q3/, /Q5/],
  },
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
  { ...v2, stage: "deprecate-v1", row: "MDh", to: ["ops"], when: { every: DAY }, says: [/V1Requests/] },
  { ...v2, stage: "remove-v1", row: "MX", to: ["ops", "stakeholders"], when: "before" as const },
].map(behaviour);
