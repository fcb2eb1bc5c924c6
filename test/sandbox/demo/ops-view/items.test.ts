import { describe, expect, it } from "vitest";
import {
  assertMovable,
  type Caller,
  type Item,
  inScope,
  type Role,
  scopeOf,
} from "../../../../sandbox/demo/ops-view/items";

const caller = (role: Role, userId: string = role): Caller => ({ userId, role, workspaceId: "w" });
const patch = (changes: Partial<Item> = {}): Item => ({
  kind: "patch",
  id: "p",
  workspaceId: "w",
  authorId: "analyst",
  fields: {},
  status: "Draft",
  version: 3,
  updatedAt: "2026-01-01T00:00:00.000Z",
  ...changes,
});

describe("scope", () => {
  it.each<[Role, Partial<Item>, boolean]>([
    ["analyst", {}, true],
    ["analyst", { authorId: "other", status: "Submitted" }, false],
    ["verifier", {}, false],
    ["verifier", { status: "Submitted" }, true],
    ["admin", { authorId: "other" }, true],
    ["admin", { workspaceId: "elsewhere" }, false],
  ])("%s, item %j: %s", (role, changes, seen) => {
    expect(inScope(scopeOf(caller(role)), patch(changes))).toBe(seen);
  });
});

describe("assertMovable", () => {
  it.each<[string, Caller, Partial<Item>, string, number, string | undefined]>([
    ["an analyst submits", caller("analyst"), {}, "Submitted", 3, undefined],
    ["an admin may do so too", caller("admin"), {}, "Submitted", 3, undefined],
    ["a stale version", caller("analyst"), {}, "Submitted", 2, "STALE_VERSION"],
    ["a version ahead", caller("analyst"), {}, "Submitted", 4, "STALE_VERSION"],
    ["stale before illegal", caller("verifier"), { status: "Verified" }, "Submitted", 2, "STALE_VERSION"],
    ["a leap", caller("admin"), {}, "Verified", 3, "ILLEGAL_MOVE"],
    ["from an end", caller("admin"), { status: "Verified" }, "Draft", 3, "ILLEGAL_MOVE"],
    ["not one's move", caller("analyst"), { status: "Submitted" }, "Verified", 3, "FORBIDDEN"],
    ["another's item", caller("analyst", "ben"), {}, "Submitted", 2, "NOT_FOUND"],
    [
      "an RFI is handed over",
      caller("analyst"),
      { kind: "rfi", status: "open" },
      "awaiting_verifier",
      3,
      undefined,
    ],
    [
      "and resolved",
      caller("verifier"),
      { kind: "rfi", status: "awaiting_verifier" },
      "resolved",
      3,
      undefined,
    ],
  ])("%s", (_, who, changes, to, version, code) => {
    const move = () => assertMovable(who, patch(changes), to, version);
    if (code === undefined) expect(move()).toEqual(patch(changes));
    else expect(move).toThrow(expect.objectContaining({ code }));
  });

  it("does not find what is not there", () => {
    expect(() => assertMovable(caller("admin"), undefined, "Submitted", 1)).toThrow(
      expect.objectContaining({ httpStatus: 404 }),
    );
  });
});
