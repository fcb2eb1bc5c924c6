import { expect, test } from "vitest";
import { type Arrival, etaOf } from "../../../src/abort/eta";

const R1 = { row: "R1", within: "2m" };
const measured = { ms: 23_400, day: "2026-11-28" };
const view = { how: "restart" as const, name: "ops/view" };
const web = { how: "delivery" as const, name: "web" };

test.each<[string, Arrival, string]>([
  [
    "what was measured",
    { measured, followers: [] },
    "every server follows within about 23 s, as measured on 2026-11-28",
  ],
  [
    "with what the plan promises",
    { measured, promised: R1, followers: [] },
    "every server follows within about 23 s, as measured on 2026-11-28; R1 promises < 2m",
  ],
  [
    "with what restarts",
    { measured, promised: R1, followers: [view] },
    "every server follows within about 23 s, restarting 1 service, as measured on 2026-11-28; R1 promises < 2m",
  ],
  [
    "with what is delivered",
    { measured, followers: [view, web] },
    "every server follows within about 23 s, restarting 1 service, carrying the flags on to web, as measured on 2026-11-28",
  ],
  ["that nothing was measured", { promised: R1, followers: [] }, "not measured yet; R1 promises < 2m"],
  ["that nothing is known at all", { followers: [] }, "not measured yet"],
  [
    "who could not be restarted",
    {
      measured,
      promised: R1,
      followers: [view, { how: "restart", name: "ops/api", problem: "AccessDenied" }],
    },
    "UNKNOWN for ops/api, which could not be restarted and goes on with the flags of before; otherwise every server follows within about 23 s, restarting 1 service, as measured on 2026-11-28; R1 promises < 2m",
  ],
  [
    "which platform could not be called",
    { measured, followers: [view, { how: "delivery", name: "web", problem: "AccessDenied" }] },
    "UNKNOWN for web, which could not be called and goes on with the flags of before; otherwise every server follows within about 23 s, restarting 1 service, as measured on 2026-11-28",
  ],
])("an ETA says %s", (_, arrival, expected) => {
  expect(etaOf(arrival)).toBe(expected);
});
