import type { Outcome } from "../../src/gates/judge";
import { percentage, simulate } from "../support/soaks";
import type { Figure } from "./figure";

const RUNS = 1_000;
const PER_MINUTE = [1, 5, 20, 100];

/** How often soaks of a true p95 must come out so, against a bound of 500 ms. */
const CELLS: readonly { p95: number; outcome: Outcome; atLeast: number; from: number }[] = [
  { p95: 300, outcome: "pass", atLeast: 99, from: 1 },
  { p95: 700, outcome: "fail", atLeast: 99, from: 1 },
  { p95: 520, outcome: "fail", atLeast: 95, from: 20 },
];

/** Simulated soaks of a day, a thousand a cell: how often a latency gate is right about them. */
export async function benchSoaks(say: (line: string) => void): Promise<Figure[]> {
  return CELLS.flatMap(({ p95, outcome, atLeast, from }) =>
    PER_MINUTE.filter((perMinute) => perMinute >= from).map((perMinute): Figure => {
      const measured = percentage(simulate({ p95, perMinute, runs: RUNS, seed: p95 + perMinute }), outcome);
      const what = `true p95 of ${p95} ms at ${perMinute} a minute, held to < 500: ${outcome}`;
      say(`${what}: ${measured} %`);
      return { what, shown: `${measured} % of ${RUNS}`, limit: `≥ ${atLeast} %`, ok: measured >= atLeast };
    }),
  );
}
