import { soakEnd } from "../../src/gates/soakEnd";
import { type Behaviour, same } from "./behaviour";
import { HOUR, MINUTE, NOW, SECOND } from "./world/clock";
import { gateBefore, onSeen, outcomeOf } from "./world/gates";

/** When a flip was, and when the business cycle that follows it is over, in the office's own time. */
const CYCLES: readonly (readonly [flip: string, ends: string])[] = [
  ["2026-02-16T08:59:00+01:00", "2026-02-16T17:30:00+01:00"],
  ["2026-02-16T09:00:00+01:00", "2026-02-16T17:30:00+01:00"],
  ["2026-02-16T09:01:00+01:00", "2026-02-17T17:30:00+01:00"],
  ["2026-02-17T18:00:00+01:00", "2026-02-18T17:30:00+01:00"],
  ["2026-02-18T18:00:00+01:00", "2026-02-19T17:30:00+01:00"],
  ["2026-02-19T18:00:00+01:00", "2026-02-20T17:30:00+01:00"],
  // Over a weekend.
  ["2026-02-20T18:00:00+01:00", "2026-02-23T17:30:00+01:00"],
  // In summer, and over the change of the clocks.
  ["2026-07-07T18:00:00+02:00", "2026-07-08T17:30:00+02:00"],
  ["2026-03-27T18:00:00+01:00", "2026-03-30T17:30:00+02:00"],
  // Over holidays.
  ["2026-04-02T18:00:00+02:00", "2026-04-07T17:30:00+02:00"],
  ["2026-04-30T18:00:00+02:00", "2026-05-04T17:30:00+02:00"],
  ["2026-12-24T18:00:00+01:00", "2026-12-28T17:30:00+01:00"],
];

export const CALENDAR: readonly Behaviour[] = [
  {
    rollout: "ops-view",
    rows: ["calendar"],
    title: "calendar: a business cycle is one whole working day of the office, on no weekend and no holiday",
    async run({ calendar }) {
      for (const [flip, ends] of CYCLES)
        same(
          soakEnd("1 business cycle", Date.parse(flip), calendar),
          Date.parse(ends),
          `the end of a cycle after ${flip}`,
        );
    },
  },
  {
    rollout: "ops-view",
    rows: ["calendar"],
    title: "calendar: where stage A soaks for one business cycle instead of 24 h, B2 waits for its end",
    async run(rollout) {
      const soak = "1 business cycle";
      const stages = rollout.stages.map((stage) => {
        if (stage.name === "stageA") return { ...stage, soak };
        const { B2, ...others } = stage.entry;
        return B2 ? { ...stage, entry: { ...others, B2: { ...B2, atLeast: soak } } } : stage;
      });
      const cycle = gateBefore(
        { ...rollout, stages: stages as unknown as typeof rollout.stages },
        "stageB",
        "B2",
      );
      // A Saturday at noon: the last whole working day ended on Friday at 17:30, in Berlin.
      const ended = Date.parse("2026-11-20T17:30:00+01:00");
      for (const [now, outcome] of [
        [ended, "pass"],
        [ended - MINUTE, "fail"],
      ] as const) {
        // Live since Thursday at 18:00.
        const liveMs = NOW - Date.parse("2026-11-19T18:00:00+01:00");
        same(
          await outcomeOf(cycle, { rollout, promoted: "stageB", liveMs }, now),
          outcome,
          `B2, ${(now - ended) / HOUR} h after the cycle's end`,
        );
      }
    },
  },
  {
    rollout: "v2-pipeline",
    rows: ["X2"],
    title: "X2: v1 is not removed before the sunset that was announced",
    async run(rollout) {
      const gate = gateBefore(rollout, "remove-v1", "X2");
      const sunset = Date.parse(String(rollout.parameters.sunset));
      const at = (now: number) => onSeen(gate, { kind: "clock", now: new Date(now).toISOString() }, now);
      same([at(sunset - SECOND), at(sunset)], ["fail", "pass"], "a second before, and then");
    },
  },
];
