import { describe, expect, it } from "vitest";
import { goodValues } from "../../../../sandbox/standin/signals/values";
import { type Watched, watchedBy } from "../../../../sandbox/standin/signals/watched";
import { waysOf } from "../../../../sandbox/standin/signals/ways";
import { loadRollout } from "../../../../src/rollout/load";
import { metric, row } from "./rows";

describe("ways of a made-up metric to be bad", () => {
  const errors = (name: string, limit: number, section: Watched["section"] = "abort") =>
    row(name, { section, source: metric("Errors"), limit: { bad: { gt: limit } } });
  const gate = row("E", { source: metric("Errors"), limit: { good: { eq: 0 } } });

  function first(one: Watched, rows: readonly Watched[]) {
    const good = goodValues(rows);
    const [way] = waysOf(one, rows, good.ok ? good.value : []);
    return { kind: way?.kind, turned: way?.turned.map((other) => other.row) };
  }

  it("an alarm rings by its own limit, and a later stage's lower limit with it", () => {
    const rows = [errors("A", 10), errors("B", 0), gate];
    expect(first(rows[1] as Watched, rows)).toEqual({ kind: "burst", turned: ["E"] });
    expect(first(rows[0] as Watched, rows)).toEqual({ kind: "burst", turned: ["B", "E"] });
  });

  it("a gate's window was bad from the beginning, an alarm's is so from now on", () => {
    const levels = (one: Watched) => {
      const good = goodValues([one]);
      return waysOf(one, [one], good.ok ? good.value : [])
        .filter(({ kind }) => kind === "level")
        .map(({ always }) => always);
    };
    const wanted = { source: metric("Requests"), limit: { good: { gt: 0 } } };
    expect(levels(row("R", wanted))).toEqual([true]);
    expect(levels(row("R", { ...wanted, section: "smoke" }))).toEqual([false]);
    expect(levels(row("R", { ...wanted, section: "abort" }))).toEqual([false]);
  });

  it("a smoke check by what lasts until it looks: a level, or silence where no value is bad", () => {
    const kinds = (one: Watched) => {
      const good = goodValues([one]);
      return waysOf(one, [one], good.ok ? good.value : []).map(({ kind }) => kind);
    };
    expect(
      kinds(row("S", { source: metric("Errors"), limit: { good: { eq: 0 } }, section: "smoke" })),
    ).toEqual(["level"]);
    expect(
      kinds(row("S", { source: metric("Errors"), limit: { good: { gte: 0 } }, section: "smoke" })),
    ).toEqual(["silence"]);
  });

  it("a gate is silenced where anything else would ring", () => {
    expect(first(gate, [errors("A", 0), gate])).toEqual({ kind: "silence", turned: [] });
    const rung = { ...errors("A", 0), silenceIsBad: true };
    expect(first(gate, [rung, gate]).turned).toEqual(["A"]);
  });

  describe("are as mild as they can be", () => {
    const alarms = (id: string, folder = "rollouts/examples/load-balancer") => {
      const rows = watchedBy(loadRollout(folder));
      const good = goodValues(rows);
      const one = rows.find((each) => each.id === id);
      const [way] = one && good.ok ? waysOf(one, rows, good.value) : [];
      return way?.turned.filter(({ section }) => section === "abort").map((other) => other.id);
    };

    it("where a later stage is stricter, its alarm rings alone", () => {
      expect(alarms("p100.XD3")).toEqual([]);
      expect(alarms("p50.XC3")).toEqual(["p100.XD3"]);
      expect(alarms("p1.XA3")).toEqual(["p10.XB3", "p50.XC3", "p100.XD3"]);
    });

    it("and so it is where something is divided by something else", () => {
      const source = {
        metrics: { e: metric("Errors"), r: metric("Requests") },
        expression: "100 * FILL(e, 0) / r",
      };
      const share = (name: string, gt: number, minSamples = 500) =>
        row(name, {
          section: "abort",
          source,
          samples: metric("Requests"),
          minSamples,
          limit: { bad: { gt } },
        });
      const rows = [share("A", 2), share("B", 1), share("C", 0.2)];
      expect(first(rows[2] as Watched, rows).turned).toEqual([]);
      expect(first(rows[1] as Watched, rows).turned).toEqual(["C"]);
      expect(first(rows[0] as Watched, rows).turned).toEqual(["B", "C"]);
    });

    it("where nothing milder is bad, the others ring, too", () => {
      const same = (name: string) =>
        row(name, { section: "abort", source: metric("Latency", "p95"), limit: { bad: { gt: 2 } } });
      const rows = [same("A"), same("B")];
      expect(first(rows[0] as Watched, rows)).toEqual({ kind: "level", turned: ["B"] });
    });
  });
});
