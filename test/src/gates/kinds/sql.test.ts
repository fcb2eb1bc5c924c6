import { describe, expect, it, test } from "vitest";
import type { SqlSource } from "../../../../src/gates/database";
import { gateDefinition } from "../../../../src/gates/gate";
import { judge, requiredOf } from "../../../../src/gates/judge";
import { look } from "../../../../src/gates/kinds/sql.look";
import type { Sources } from "../../../../src/gates/look";
import type { Seen } from "../../../../src/gates/observation";
import { NOW, sqlGate } from "../../../support/build";

const F3 = { expect: { eq: 0 }, minSamples: 10, samplesFrom: { query: "select 10", values: ["{1h}"] } };

const verdict = (gate: ReturnType<typeof sqlGate>, seen: Seen) =>
  judge(
    gate,
    { gate: gate.id, definition: "", at: "", tookMs: 0, seen },
    { now: NOW, timeScale: 1, attempt: 1 },
  );

describe("a value counts with its samples", () => {
  it.each<[string, number | undefined, unknown, string, string]>([
    ["0 of 0", 0, 0, "inconclusive", "0 samples; too few to say anything"],
    ["0 of 9", 9, 0, "inconclusive", "9 samples; too few to say anything"],
    ["0 of 10", 10, 0, "pass", "0 10 samples"],
    ["1 of 10", 10, 1, "fail", "1 10 samples"],
    [
      "1 of too few: it fails nothing that it would not pass",
      3,
      1,
      "inconclusive",
      "3 samples; too few to say anything",
    ],
    ["0 of nobody knows how many", undefined, 0, "inconclusive", "no samples; too few to say anything"],
    ["0 of NaN", Number.NaN, 0, "inconclusive", "NaN samples; too few to say anything"],
  ])("%s", (_, samples, value, outcome, observed) => {
    const seen = { kind: "value", value, ...(samples === undefined ? {} : { samples }) } as Seen;
    expect(verdict(sqlGate("F3", F3), seen)).toMatchObject({ outcome, observed });
  });

  it("says what it demands", () => {
    expect(requiredOf(sqlGate("F3", F3))).toBe("= 0, ≥ 10 samples");
  });
});

test("fewer rows than there are come with a remedy that works, whatever remedy the gate has of its own", () => {
  const seen: Seen = { kind: "failure", failure: "filtered", message: "row-level security" };
  const found = verdict(sqlGate("XB3", { remedy: "Reconcile by hand" }), seen);
  expect(found).toMatchObject({ outcome: "inconclusive", observed: "filtered: row-level security" });
  expect(found.remedy).toMatch(/BYPASSRLS.*SECURITY DEFINER.*rowSecurity/);
});

test("what only the gate role may see is said where it is intended", () => {
  const intended = { rowSecurity: { intended: "one workspace is moved" } };
  expect(requiredOf(sqlGate("XB3", intended))).toBe("> 0, of the rows that the gate role may see");
});

describe("config", () => {
  const base = { source: "sql", title: "A title", query: "select 1", expect: { eq: 0 } };
  it.each<[string, object, boolean]>([
    ["samples with their query", { minSamples: 1, samplesFrom: { query: "select 1" } }, true],
    ["a number of samples that nobody counts", { minSamples: 1 }, false],
    ["samples that nobody asks for", { samplesFrom: { query: "select 1" } }, false],
    ["no sample at all", { minSamples: 0, samplesFrom: { query: "select 1" } }, false],
    ["row-level security with a reason", { rowSecurity: { intended: "one workspace is moved" } }, true],
    ["row-level security without one", { rowSecurity: { intended: "" } }, false],
    ["row-level security by a word alone", { rowSecurity: "intended" }, false],
  ])("%s", (_, more, accepted) => {
    expect(gateDefinition.safeParse({ ...base, ...more }).success).toBe(accepted);
  });
});

test("lengths of time are filled in for both queries", async () => {
  const asked: unknown[] = [];
  const sql: SqlSource = {
    observe: async ({ values, samplesFrom }) => {
      asked.push(values, samplesFrom?.values);
      return { kind: "value", value: 0, samples: 1 };
    },
    close: async () => {},
  };
  const gate = sqlGate("F3", { ...F3, values: ["{2h}"] });
  await look(gate as never, { sql, timeScale: 1 } as Sources);
  expect(asked).toEqual([["7200000 milliseconds"], ["3600000 milliseconds"]]);
});
