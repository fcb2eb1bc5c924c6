import { beforeEach, describe, expect, it, vi } from "vitest";
import type { SqlSource } from "../../../src/gates/database";
import type { Gate } from "../../../src/gates/gate";
import { judge } from "../../../src/gates/judge";
import type { Sources } from "../../../src/gates/look";
import { measure, observe } from "../../../src/promotion/measure";
import { prove } from "../../../src/promotion/prove";
import { exitGatesOf, gatesFor, smokeGatesOf } from "../../../src/promotion/resolve";
import { subject } from "../../support/build";
import { demoApp, knows, rollout, sourcesFor } from "./apps";

/** The shipped gates, against the demo app itself, which counts what may have changed something in it. */

const [, stageA, stageB] = rollout.stages;
const ASKS = ["http", "requests", "check"];

let sources: Sources;
let sql: SqlSource;

beforeEach(async () => {
  vi.spyOn(console, "error").mockImplementation(() => {});
  const { url, items } = await demoApp();
  sources = sourcesFor(url);
  sql = knows(items);
});

async function writes(): Promise<number> {
  const answer = await fetch(`${sources.service?.url}/_writes`);
  return ((await answer.json()) as { data: { writes: number } }).data.writes;
}

async function outcomes(gates: readonly Gate[], acting = false): Promise<string[]> {
  const context = { now: Date.now(), timeScale: 1, attempt: 1 };
  return Promise.all(
    gates.map(
      async (gate) =>
        `${gate.id} ${judge(gate, await observe(gate, { ...sources, acting }, sql), context).outcome}`,
    ),
  );
}

const asking = (gates: readonly Gate[]) => gates.filter(({ definition }) => ASKS.includes(definition.source));

describe("looking", () => {
  it("at what stage B waits for, and at stage A after its flip, writes nothing to the app", async () => {
    if (!stageA || !stageB) throw new Error("no stages");
    const gates = asking([...smokeGatesOf(rollout, stageA), ...gatesFor(rollout, stageB)]);
    const judged = await outcomes(gates);
    // SA4 is about how fast this machine is.
    expect(judged.filter((one) => !one.startsWith("SA4"))).toEqual([
      "SA1 pass",
      "SA2 pass",
      "E2 pass",
      "E3 pass",
    ]);
    expect(await writes()).toBe(0);
  });

  it("at what stage B is left by writes nothing, and neither does any known-bad probe", async () => {
    if (!stageA || !stageB) throw new Error("no stages");
    const exit = asking(exitGatesOf(rollout, stageB));
    expect(exit.map(({ id }) => id)).toEqual(["F5"]);
    const { observations } = await measure(subject(), exit, sources, "admission");
    expect(observations).toEqual([]);
    expect(await outcomes(exit)).toEqual(["F5 inconclusive"]);
    const all = [
      ...exit,
      ...[stageA, stageB].flatMap((stage) => [...gatesFor(rollout, stage), ...smokeGatesOf(rollout, stage)]),
    ];
    await prove(asking(all), sources, 1);
    expect(await writes()).toBe(0);
  });

  it("is told from acting, where what writes is run, and is counted", async () => {
    if (!stageB) throw new Error("no stages");
    const acts = asking([...smokeGatesOf(rollout, stageB), ...exitGatesOf(rollout, stageB)]);
    expect(acts.map(({ id }) => id)).toEqual(["SB1", "SB2", "SB3", "F5"]);
    await outcomes(acts, true);
    expect(await writes()).toBeGreaterThan(0);
    const before = await writes();
    expect(await outcomes(acts)).toEqual([
      "SB1 inconclusive",
      "SB2 inconclusive",
      "SB3 inconclusive",
      "F5 inconclusive",
    ]);
    expect(await writes()).toBe(before);
  });
});
