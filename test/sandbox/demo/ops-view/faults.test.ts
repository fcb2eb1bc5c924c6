import { describe, expect, it } from "vitest";
import { FaultSwitch } from "../../../../sandbox/demo/ops-view/faults";

describe("FaultSwitch", () => {
  it("starts healthy", () => {
    const faults = new FaultSwitch();
    expect(faults.now).toMatchObject({ queue5xx: 0, latencyMs: 0, countSkew: 1, missingAudit: false });
    expect(faults.strikes("queue5xx")).toBe(false);
  });

  it("replaces all faults at once, and heals", () => {
    const faults = new FaultSwitch();
    faults.set({ queue5xx: 1 });
    faults.set({ write5xx: true });
    expect(faults.now).toMatchObject({ queue5xx: 0, write5xx: 1 });
    expect(faults.strikes("write5xx")).toBe(true);
    faults.clear();
    expect(faults.now.write5xx).toBe(0);
  });

  it("strikes about as often as it was told", () => {
    const faults = new FaultSwitch();
    faults.set({ staleVersions: 0.25 });
    const struck = Array.from({ length: 4_000 }, () => faults.strikes("staleVersions")).filter(
      Boolean,
    ).length;
    expect(struck).toBeGreaterThan(800);
    expect(struck).toBeLessThan(1_200);
  });

  it.each([
    { queue5xx: 1.1 },
    { queue5xx: -1 },
    { latencyMs: "2500" },
    { roleLeak: 1 },
    { typo: true },
    null,
  ])("refuses %j and keeps what was set", (input) => {
    const faults = new FaultSwitch();
    faults.set({ roleLeak: true });
    expect(() => faults.set(input)).toThrow();
    expect(faults.now.roleLeak).toBe(true);
  });
});
