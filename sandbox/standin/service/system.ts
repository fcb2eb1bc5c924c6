import { RUN } from "../../../src/gates/kinds/requests.step";
import { placeholders } from "../../../src/gates/placeholders";
import { type Found, pass } from "../../../src/gates/verdict";
import { milliseconds } from "../../../src/text/duration";
import type { Answer } from "./answer";
import { type Asked, bound, type Clock, judgeAnswer, keyOf, type Values } from "./exchange";
import type { Json } from "./invent/body";
import type { Scalar } from "./invent/pool";
import { refusalFor } from "./refusal";
import type { AskingRow } from "./serviceRows";
import { meets, solve } from "./solve";

/** What answers depend on beside the rows. */
export interface Around {
  /** What a row's database knows. */
  readonly known: (row: AskingRow) => Values;
  /** What the server says at a place by itself, while a row is asked. */
  readonly over?: ((row: AskingRow, key: string) => Json | undefined) | undefined;
  /** What people say that a step is answered. */
  readonly given?: ((row: AskingRow, at: number) => Answer | undefined) | undefined;
  readonly said?: readonly Scalar[];
  readonly clock: Clock;
  /** Rows whose same request has another answer each time that they ask it. */
  readonly sequenced?: ReadonlySet<string> | undefined;
}

/** Answers by the keys of their requests, and what no answer was found for. */
export interface System {
  readonly answers: ReadonlyMap<string, Answer>;
  /** What each answer has to be, by the same keys. */
  readonly asked: ReadonlyMap<string, readonly Asked[]>;
  readonly unmet: readonly Unmet[];
  /** Rows whose same request has another answer each time that they ask it. */
  readonly sequenced: ReadonlySet<string>;
}

/** A step that no answer was found for. */
export interface Unmet {
  readonly asked: Asked;
  /** Whose demands on the same request cannot be met together with it; empty where it cannot be met alone. */
  readonly beside: readonly Asked[];
  /** True where people gave the answer. */
  readonly given: boolean;
}

/**
 * Stands for `{run}` while answers are looked for: a number that nobody else says. A server puts the number of the very
 * request in its place.
 */
export const ANY_RUN = 1_999_999_937;

/** Once each step has its answer, the next round only confirms it; a row has 20 steps at most. */
const ROUNDS = 50;
/** How often answers of earlier steps are chosen anew, where a later one cannot be met. */
const TURNS = 12;
/** The later ones need no long search: what is asked there was looked for in the first one. */
const TURN_TRIES = 400;

/**
 * Finds answers for all rows together: each request has one answer, whoever asks. Only where that cannot be, a request that
 * a row sends again has another one then. Pure, and the same each time.
 */
export function solveSystem(rows: readonly AskingRow[], around: Around): System {
  const first = oneTurn(rows, around, 0);
  const lost = new Set(first.unmet.map(({ asked: { key } }) => key));
  const again = rows.filter((row) => repeats(walk(row, first.answers, around).asked, lost));
  if (again.length > 0) {
    const sequenced = { ...around, sequenced: new Set(again.map(({ row }) => row)) };
    const second = bestTurn(rows, sequenced, oneTurn(rows, sequenced, 0));
    if (second.unmet.length < first.unmet.length) return second;
  }
  return bestTurn(rows, around, first);
}

const repeats = (asked: readonly Asked[], lost: ReadonlySet<string>) =>
  asked.some(({ key }, index) => lost.has(key) && asked.findIndex((other) => other.key === key) < index);

/** The best of what comes out where the answers of earlier steps are chosen anew. */
function bestTurn(rows: readonly AskingRow[], around: Around, first: System): System {
  let best = first;
  for (let turn = 1; turn < TURNS; turn++) {
    // Where nothing is compared with what was answered before, other answers before change nothing.
    if (!best.unmet.some(({ asked }) => comparesTaken(asked))) break;
    const system = oneTurn(rows, around, turn);
    if (system.unmet.length < best.unmet.length) best = system;
  }
  return best;
}

function comparesTaken({ row, at }: Asked): boolean {
  const taken = row.steps.slice(0, at).flatMap(({ take }) => Object.keys(take ?? {}));
  return placeholders(row.steps[at]?.value ?? "").some((name) => taken.includes(name));
}

function oneTurn(rows: readonly AskingRow[], around: Around, turn: number): System {
  const answers = new Map<string, Answer>();
  const given = new Set<string>();
  const lost = new Set<string>();
  for (let round = 0; round < ROUNDS; round++) {
    let changed = false;
    for (const [key, asked] of gathered(rows, answers, around)) {
      if (lost.has(key)) continue;
      if (asked.every((one) => meets(one, answers.get(key) ?? refusalFor(key, answers.keys())))) {
        // What only has to be answered badly is, without being known.
        if (answers.has(key) || asked.every(({ bad }) => bad)) continue;
      }
      const said = asked.flatMap(({ row, at, bad }) => (bad ? [] : [around.given?.(row, at)])).find(Boolean);
      if (said) given.add(key);
      const looking = {
        ...(around.said ? { said: around.said } : {}),
        ...(turn > 0 ? { tries: TURN_TRIES } : {}),
      };
      const found = said ?? solve(asked, { ...looking, turn });
      if (!found || answers.get(key) === found) lost.add(key);
      if (found) answers.set(key, found);
      changed = true;
    }
    if (!changed) break;
  }
  const asked = gathered(rows, answers, around);
  return {
    answers,
    asked,
    unmet: unmetOf(asked, answers, given),
    sequenced: around.sequenced ?? new Set(),
  };
}

/** All that is asked of each request, as far as the answers so far lead. */
function gathered(
  rows: readonly AskingRow[],
  answers: ReadonlyMap<string, Answer>,
  around: Around,
): Map<string, Asked[]> {
  const all = new Map<string, Asked[]>();
  const note = (asked: Asked) => {
    const known = all.get(asked.key);
    if (known) known.push(asked);
    else all.set(asked.key, [asked]);
  };
  for (const row of rows) {
    walk(row, answers, around).asked.forEach(note);
    if (row.probe)
      walk(row, answers, around, true)
        .asked.filter(({ bad }) => bad)
        .forEach(note);
  }
  return all;
}

/** How a row comes out of answers. */
export interface Walked {
  /** Each of its steps that was reached. */
  readonly asked: readonly Asked[];
  readonly found: Found;
}

/**
 * Goes through a row's steps, as its gate does.
 *
 * @param probing whether its known-bad request is sent in the place of the last one
 */
export function walk(
  row: AskingRow,
  answers: ReadonlyMap<string, Answer>,
  { known, over, clock, sequenced }: Around,
  probing = false,
): Walked {
  const steps = (probing && row.probe) || row.steps;
  let values: Values = { ...known(row), [RUN]: ANY_RUN };
  let found: Found = pass("");
  let ms = 0;
  const reached: Asked[] = [];
  for (const [at, one] of steps.entries()) {
    const step = bound(row, one, values);
    if (!step) return { asked: reached, found: OPEN };
    const request = keyOf(step);
    const before = reached.filter((asked) => requestOf(asked.key) === request).length;
    const key = before > 0 && sequenced?.has(row.row) ? `${request}${NTH}${before}` : request;
    const said = over?.(row, request);
    const asked: Asked = {
      row,
      at,
      bad: probing && at === steps.length - 1,
      step,
      key,
      clock,
      ...(said === undefined ? {} : { over: said }),
    };
    reached.push(asked);
    const answer = answers.get(key) ?? refusalFor(key, answers.keys());
    ms += answer.delay ?? 0;
    const judged = judgeAnswer(asked, answer);
    found = judged.found;
    if (ms >= milliseconds(row.definition.timeout)) found = LATE;
    if (found.outcome !== "pass") break;
    values = { ...values, ...judged.taken };
  }
  return { asked: reached, found };
}

/** What stands between a request and how often its row has sent it already. */
const NTH = "\n#";

/** The request that a key is of, however often it was sent. */
export const requestOf = (key: string): string => key.split("\n").slice(0, 3).join("\n");

const OPEN: Found = { outcome: "inconclusive", observed: "not sent", remedy: "" };
const LATE: Found = { outcome: "inconclusive", observed: "no complete answer in time", remedy: "" };

function unmetOf(
  asked: ReadonlyMap<string, readonly Asked[]>,
  answers: ReadonlyMap<string, Answer>,
  given: ReadonlySet<string>,
): Unmet[] {
  return [...asked].flatMap(([key, all]): Unmet[] => {
    const answer = answers.get(key);
    const failing = all.filter((one) => !meets(one, answer ?? refusalFor(key, answers.keys())));
    if (failing.length === 0) return [];
    if (given.has(key)) return failing.map((one) => ({ asked: one, beside: [], given: true }));
    const alone = failing.filter((one) => all.length === 1 || solve([one], { tries: ALONE }) === undefined);
    // Each by itself can be met: it is what else is asked of the same request that keeps it from being so.
    if (alone.length === 0)
      return failing.map((one) => ({
        asked: one,
        beside: all.filter((other) => other !== one),
        given: false,
      }));
    return alone.map((one) => ({ asked: one, beside: [], given: false }));
  });
}

/** Tries for the sake of a better sentence. */
const ALONE = 2_000;
