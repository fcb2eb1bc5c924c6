import { describe, expect, it } from "vitest";
import { KNOWN, knownItems } from "../../../../sandbox/demo/ops-view/known-items";
import { LocalState } from "../../../../sandbox/demo/ops-view/stores/local-state";

const [item] = knownItems({ ...KNOWN, patches: 1, rfis: 0 });
if (!item) throw new Error("unreachable");

describe("LocalState", () => {
  it("keeps the newer of two answers that arrive in the wrong order", () => {
    const local = new LocalState([]);
    local.put({ ...item, version: 3, status: "Submitted" });
    local.put({ ...item, version: 2 });
    expect(local.find("patch", item.id)?.version).toBe(3);
  });

  it("does not mix kinds", () => {
    expect(new LocalState([item]).find("rfi", item.id)).toBeUndefined();
  });
});
