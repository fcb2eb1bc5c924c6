import fc from "fast-check";
import { expect, test } from "vitest";
import { dismissedKey, remindedKey } from "../../../src/abort/reminder";
import { keptPagesIn, pagedKey, seenKey, seenOf } from "../../../src/abort/seen";

const AT = "2026-11-21T10:00:00.000Z";
const MS = Date.parse(AT);

test("pages are told from whatever else is kept, each with who saw it first", () => {
  const keys = [
    pagedKey("XB4", AT, "aa"),
    pagedKey("XB4", AT, "bb"),
    seenKey("XB4", AT, MS + 9, "bob"),
    seenKey("XB4", AT, MS + 5, "alice"),
    pagedKey("XB40", "2026-11-21T11:00:00.000Z", "cc"),
    dismissedKey("XB4", MS),
    remindedKey("XB4", AT),
    "XB4/paged/x/aa",
    "XB4/seen/1/2",
    "",
  ];
  expect(keptPagesIn(keys)).toEqual([
    { row: "XB40", at: "2026-11-21T11:00:00.000Z", digests: ["cc"], seen: undefined },
    { row: "XB4", at: AT, digests: ["aa", "bb"], seen: { at: MS + 5, by: "alice" } },
  ]);
  expect(seenOf(keys, "XB4", AT)?.by).toBe("alice");
  expect(seenOf(keys, "XB40", AT)).toBeUndefined();
});

test("whoever saw it, AWS takes the key, and their name is read back", () => {
  fc.assert(
    fc.property(fc.string({ minLength: 1, maxLength: 30, unit: "grapheme" }), (who) => {
      const key = seenKey("XB4", AT, MS, who);
      // Source: CloudWatch Logs API reference, CreateLogStream.
      expect(key).toMatch(/^[^:*]{1,512}$/);
      if (encodeURIComponent(who).length < 150) expect(seenOf([key], "XB4", AT)?.by).toBe(who);
    }),
  );
  expect(seenKey("XB4", AT, MS, "é".repeat(200)).length).toBeLessThan(512);
});
