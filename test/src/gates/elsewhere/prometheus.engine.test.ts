import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Processes } from "../../../../sandbox/host/processes";
import { askElsewhere } from "../../../../src/gates/elsewhere/ask";
import { judge } from "../../../../src/gates/judge";
import { ElsewhereRows } from "../../../../src/probe/elsewhere";
import { observe } from "../../../../src/promotion/measure";
import { gateOf, sourcesWith } from "../../../support/build";
import { findPrometheus, NO_PROMETHEUS, startPrometheus } from "../../../support/prometheus";

const program = await findPrometheus();
if (program === undefined) console.warn(NO_PROMETHEUS);

describe.skipIf(program === undefined)("a real Prometheus", () => {
  const dir = mkdtempSync(join(tmpdir(), "prometheus-"));
  const processes = new Processes(dir);
  let url = "";

  beforeAll(async () => {
    url = await startPrometheus(processes, program ?? "", dir);
  }, 120_000);
  afterAll(() => processes.stop());

  const elsewhere = () => ({ sources: { prom: { url, headers: {} } }, tokens: {} });
  const told = (promql: string) => askElsewhere(elsewhere(), { from: "prom", promql }, 10_000);

  it.each([
    ["up", 1],
    ["sum(up) / count(up)", 1],
    ["scalar(vector(3)) * 2", 6],
    ["vector(1e-9)", 1e-9],
    ["min_over_time(up[1m])", 1],
    ["sum(nothing_that_is_there) or vector(0)", 0],
  ])("tells one value: %s", async (promql, value) => {
    expect(await told(promql)).toMatchObject({ kind: "elsewhere", value });
  });

  it.each([
    ["nothing_that_is_there", "no-data", /no sample/],
    ["up > 1", "no-data", /no sample/],
    ["vector(0) / 0", "bad-answer", /NaN/],
    ["1 / 0", "bad-answer", /\+Inf/],
    ["-1 / 0", "bad-answer", /-Inf/],
    ['vector(1) or label_replace(vector(2), "a", "b", "", "")', "bad-answer", /2 samples/],
    ["up[1m]", "bad-answer", /no vector or scalar of numbers/],
    ['"text"', "bad-answer", /no vector or scalar of numbers/],
    ["sum(", "bad-answer", /answers 400: .*parse error/],
  ])("tells none: %s", async (promql, failure, message) => {
    expect(await told(promql)).toMatchObject({ failure, message: expect.stringMatching(message) });
  });

  it.each([
    ["up", { eq: 1 }, "pass"],
    ["up", { lt: 1 }, "fail"],
    ["nothing_that_is_there", { lt: 1 }, "inconclusive"],
    ["vector(0) / 0", { lt: 1 }, "inconclusive"],
  ])("is what a gate is judged by: %s %j", async (promql, expectation, outcome) => {
    const gate = gateOf("E5", { source: "elsewhere", from: "prom", promql, expect: expectation });
    const observation = await observe(gate, sourcesWith({ elsewhere: elsewhere() }), undefined, {});
    expect(judge(gate, observation, { now: Date.now(), timeScale: 1, attempt: 1 }).outcome).toBe(outcome);
  });

  it("is what a probe publishes, and fails to where there is no sample", async () => {
    const row = { from: "prom", every: "10s", timeout: "5s" } as const;
    const rows = new ElsewhereRows({
      X1: { ...row, promql: "up" },
      X2: { ...row, promql: "nothing_that_is_there" },
    });
    expect(await rows.round(elsewhere(), performance.now() + 10_000)).toEqual({
      values: { X1: 1 },
      failures: { X2: "no-data: the query yields no sample" },
    });
  });
});
