import { expect, test } from "vitest";
import { type Arrival, etaOf } from "../../../src/abort/eta";

const R1 = { row: "R1", within: "2m" };
const measured = { ms: 23_400, day: "2026-11-28" };
const view = { service: "ops/view" };

test.each<[string, Arrival, string]>([
  [
    "what was measured",
    { measured, restarts: [] },
    "every server follows within about 23 s, as measured on 2026-11-28",
  ],
  [
    "with what the plan promises",
    { measured, promised: R1, restarts: [] },
    "every server follows within about 23 s, as measured on 2026-11-28; R1 promises < 2m",
  ],
  [
    "with what restarts",
    { measured, promised: R1, restarts: [view] },
    "every server follows within about 23 s, restarting one service, as measured on 2026-11-28; R1 promises < 2m",
  ],
  ["that nothing was measured", { promised: R1, restarts: [] }, "not measured yet; R1 promises < 2m"],
  ["that nothing is known at all", { restarts: [] }, "not measured yet"],
  [
    "who could not be restarted",
    { measured, promised: R1, restarts: [view, { service: "ops/api", problem: "AccessDenied" }] },
    "UNKNOWN for ops/api, which could not be restarted and goes on with the flags of before; otherwise every server follows within about 23 s, restarting one service, as measured on 2026-11-28; R1 promises < 2m",
  ],
])("an ETA says %s", (_, arrival, expected) => {
  expect(etaOf(arrival)).toBe(expected);
});
