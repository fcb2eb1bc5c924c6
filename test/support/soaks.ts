import { chance } from "../../sandbox/standin/service/invent/chance";
import { coverageOf } from "../../src/gates/coverage";
import type { Gate } from "../../src/gates/gate";
import { judge, type Outcome } from "../../src/gates/judge";
import { type MetricGate, readingOf } from "../../src/gates/kinds/metric";
import { type MetricSeries, shareOf } from "../../src/gates/kinds/metric.series";
import { gateOf, NOW, observe } from "./build";

const MINUTE = 60_000;
const MINUTES = 24 * 60;
const BOUND = 500;
/** Of the logarithm of the latency. */
const SIGMA = 0.5;
/** How far the p95 of a standard normal is from its middle. */
const Z95 = 1.6448536269514722;

const GATE: Gate = gateOf("E5", {
  source: "metric",
  namespace: "OpsView",
  name: "QueueLatencyMs",
  statistic: "p95",
  window: "soak",
  minSamples: 100,
  expect: { lt: BOUND },
});

/** What one cell of simulated soaks is made of. */
interface Soaks {
  /** The latency's true p95, in ms. */
  readonly p95: number;
  /** How many requests there are on average; they come at random, so that some minutes have none. */
  readonly perMinute: number;
  readonly runs: number;
  readonly seed: number;
}

/**
 * Soaks of a day under log-normal latency, told minute by minute as CloudWatch tells them, and judged by the share
 * below the bound: no period holds all of the window. How many came out how.
 */
export function simulate({ p95, perMinute, runs, seed }: Soaks): Record<Outcome, number> {
  const random = chance(seed);
  const outcomes = { pass: 0, fail: 0, inconclusive: 0, "not-run": 0 };
  const median = p95 / Math.exp(SIGMA * Z95);
  for (let run = 0; run < runs; run++) outcomes[soak(median, perMinute, random)] += 1;
  return outcomes;
}

/** How many of all came out so, in percent. */
export function percentage(outcomes: Readonly<Record<Outcome, number>>, outcome: Outcome): number {
  return (100 * outcomes[outcome]) / Object.values(outcomes).reduce((sum, one) => sum + one, 0);
}

function soak(median: number, perMinute: number, random: () => number): Outcome {
  const from = NOW - MINUTES * MINUTE;
  const [count, percents] = [new Map<number, number>(), new Map<number, number>()];
  // Below the bound is a latency whose logarithm is so far from the middle.
  const bound = Math.log(BOUND / median) / SIGMA;
  for (let minute = 0; minute < MINUTES; minute++) {
    const many = poisson(perMinute, random);
    if (many === 0) continue;
    let below = 0;
    for (let request = 0; request < many; request++) if (normal(random) < bound) below += 1;
    count.set(from + minute * MINUTE, many);
    percents.set(from + minute * MINUTE, (100 * below) / many);
  }
  const told: MetricSeries = { main: new Map(), count, sum: new Map() };
  const reading = readingOf(GATE.definition as MetricGate);
  const share = reading && shareOf(reading, { bound: BOUND, included: false, percents }, told);
  const span = { from, to: NOW };
  const seen = observe(GATE, {
    kind: "metric",
    value: null,
    ...(share ? { shares: [share] } : {}),
    samples: [...count.values()].reduce((sum, one) => sum + one, 0),
    window: { from: new Date(from).toISOString(), to: new Date(NOW).toISOString() },
    coverage: coverageOf(span, { partMs: 5 * MINUTE, period: 60 }, [[...count.keys()]]),
  });
  return judge(GATE, seen, { now: NOW, timeScale: 1, attempt: 1 }).outcome;
}

/** Standard normal, by Box and Muller. */
function normal(random: () => number): number {
  return Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
}

/** How many events come where so many are expected, by Knuth. */
function poisson(expected: number, random: () => number): number {
  const limit = Math.exp(-expected);
  let many = 0;
  for (let product = random(); product > limit; product *= random()) many += 1;
  return many;
}
