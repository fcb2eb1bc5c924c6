import { describe, expect, it } from "vitest";
import { KNOWN, knownItems } from "../../../../sandbox/demo/ops-view/known-items";
import { diverges } from "../../../../sandbox/demo/ops-view/reconciler";
import { LocalState } from "../../../../sandbox/demo/ops-view/stores/local-state";

const [item] = knownItems({ ...KNOWN, patches: 1, rfis: 0 });
if (!item) throw new Error("unreachable");

describe("LocalState", () => {
  it("keeps the newer of two answers that arrive in the wrong order", () => {
    const local = new LocalState([]);
    local.acknowledge({ ...item, version: 3, status: "Submitted" });
    local.acknowledge({ ...item, version: 2 });
    expect(local.find("patch", item.id)?.version).toBe(3);
    expect(local.acknowledgedItems.map(({ version }) => version)).toEqual([3]);
  });

  it("does not mix kinds", () => {
    expect(new LocalState([item]).find("rfi", item.id)).toBeUndefined();
  });

  it("keeps a bounded number of acknowledgements, the latest", () => {
    const local = new LocalState([]);
    for (let index = 0; index < 5_001; index++) local.acknowledge({ ...item, id: String(index) });
    expect(local.acknowledgedItems).toHaveLength(5_000);
    expect(local.acknowledgedItems[0]?.id).toBe("1");
  });

  it("promises nothing after writes went back to memory", () => {
    const local = new LocalState([]);
    local.acknowledge(item);
    local.forgetAcknowledged();
    expect(local.acknowledgedItems).toEqual([]);
    expect(local.find("patch", item.id)).toEqual(item);
  });
});

describe("diverges", () => {
  const told = { ...item, version: 2, status: "Submitted" };
  it.each([
    ["the same", { version: 2, status: "Submitted" }, false],
    ["a later change by another server", { version: 3, status: "Verified" }, false],
    ["a lost write", { version: 1, status: "Draft" }, true],
    ["another status at the same version", { version: 2, status: "Draft" }, true],
    ["no row", undefined, true],
  ])("%s", (_, stored, expected) => {
    expect(diverges(told, stored)).toBe(expected);
  });
});
