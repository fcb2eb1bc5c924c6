import { expect, test } from "vitest";
import { missingTokens } from "../../../src/promotion/missingTokens";
import { gateOf } from "../../support/build";

const checks = [
  gateOf("SA1", { source: "http", title: "The queue", request: { path: "/queue", as: "admin" } }),
  gateOf("SB1", {
    ...{ source: "requests", title: "A patch", writes: true },
    steps: [
      { path: "/patches", method: "POST", as: "analyst" },
      { path: "/patches", as: "admin" },
    ],
  }),
  gateOf("SB2", { source: "http", title: "Health", request: { path: "/health" } }),
];

test("every role that a smoke check asks as has a token that can be sent", () => {
  expect(missingTokens(checks, { admin: "a", analyst: "b" })).toEqual([]);
  expect(missingTokens([], {})).toEqual([]);
});

test("what is missing is told by role, with its rows and what to type, and without the token", () => {
  expect(missingTokens(checks, { analyst: "in two words" })).toEqual([
    {
      where: "SA1, SB1",
      what: "there is no token for admin",
      remedy: expect.stringContaining("config set --secret cutover:token-admin"),
    },
    {
      where: "SB1",
      what: "the token for analyst holds what no header can carry; set it anew",
      remedy: expect.stringContaining("config set --secret cutover:token-analyst"),
    },
  ]);
});
