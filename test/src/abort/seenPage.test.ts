import { expect, test } from "vitest";
import { firedAt } from "../../../src/abort/seenPage";

test.each([
  ["2026-11-21T03:00:00.000Z Requests fail: Threshold Crossed", "XA1", "2026-11-21T03:00:00.000Z"],
  ["2026-11-21T03:00:00.000Z Requests fail", undefined, undefined],
  ["users complain", "XA1", undefined],
  ["2026-99-99T99:00Z x", "XA1", undefined],
  [undefined, "XA1", undefined],
])("an entry with the reason %s of row %s is of the alarm that fired at %s", (reason, row, at) => {
  expect(firedAt({ reason, row })).toBe(at);
});
