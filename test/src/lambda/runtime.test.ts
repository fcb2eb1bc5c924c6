import { expect, it } from "vitest";
import { RUNTIME } from "../../../src/lambda/runtime";

const DAY_MS = 24 * 60 * 60_000;
/** So long before its end a runtime is left: stacks that are brought up now have to be brought up again by then. */
const AHEAD_MS = 182 * DAY_MS;

it("runs functions on a runtime that AWS supports for half a year to come", () => {
  const left = Date.parse(RUNTIME.supportedUntil) - Date.now();
  expect(
    left,
    `${RUNTIME.name} is supported until ${RUNTIME.supportedUntil}: move to the next one in src/lambda/runtime.ts`,
  ).toBeGreaterThan(AHEAD_MS);
});
