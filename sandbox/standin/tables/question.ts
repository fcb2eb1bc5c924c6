import { compare, type Expectation, showExpectation } from "../../../src/gates/expectation";
import type { GateDefinition } from "../../../src/gates/gate";
import { fillIn } from "../../../src/gates/placeholders";
import { fillGate } from "../../../src/rollout/config/parameters";
import { asQuery, type Reconciliation, type RowReconcile } from "../../../src/rollout/config/reconcile";
import type { Rollout } from "../../../src/rollout/rollout";

/** What is planted in two sources of the same thing: rows that differ, each in its own way. */
export type Planted = Pick<Reconciliation, "key" | "changed"> & Pick<RowReconcile, "count">;

export type Value = string | number | boolean;

/** One statement, with the values of $1, $2 …; `{from}`, `{to}`, `{down}` and lengths such as `{2h}` may be among them. */
export interface Statement {
  readonly query: string;
  readonly values: readonly Value[];
}

/** What a question is asked for, from which follows which answers are good and which are bad. */
type Wanted =
  /** A gate: good is what it expects. */
  | { readonly kind: "expected"; readonly expect: Expectation }
  /** A probe: bad is what its row's threshold fires on. */
  | { readonly kind: "quiet"; readonly threshold: Expectation }
  /** Something that answers of the service are held against: good is any value. */
  | { readonly kind: "known" }
  /** Work in flight after an abort, or values that nobody knows: good is none. */
  | { readonly kind: "none" };

/** A query that a rollout asks, with what has to come of it. */
export interface Question extends Statement {
  /** For people and machines: `stageA.entry.A1.query`. */
  readonly id: string;
  /** Where it is written: a stack file and the path in it. */
  readonly where: string;
  /** The stage in whose config it stands; undefined for the rollout's own. */
  readonly stage?: string;
  /** `entry`, `smoke`, `exit`, `abort`, `afterAbort` or `database`. */
  readonly section: string;
  /** The row's id. */
  readonly row: string;
  readonly wanted: Wanted;
  /** The number of samples that there must be, and the query that counts them. */
  readonly samples?: Statement & { readonly least: number };
  /** The known-bad query of its gate, which has only to run. */
  readonly prove?: Statement;
  /** How far back it looks: a duration or `soak`. */
  readonly window?: string;
  /** What is planted for it, where it is about two sources of the same thing. */
  readonly planted?: Planted;
  /** A probe's window is not cut at the flip. */
  readonly sinceFlip: boolean;
}

/** Every query of a rollout, with its parameters in it. Pure. */
export function questionsOf(rollout: Rollout): Question[] {
  return [
    ...rollout.stages.flatMap((stage) => stageQuestions(rollout, stage)),
    ...inFlight(rollout),
    ...importsQuestions(rollout),
  ];
}

function stageQuestions(rollout: Rollout, stage: Rollout["stages"][number]): Question[] {
  const { entry, smoke, exit, name } = stage;
  const at = (section: string, row: string, part: readonly string[]) => ({
    id: [name, section, row, ...part].join("."),
    where: `Pulumi.${name}.yaml cutover:stage.${[section, row, ...part].join(".")}`,
    stage: name,
    section,
    row,
  });
  const gates = Object.entries({ entry, smoke, exit }).flatMap(([section, gates]) =>
    Object.entries(gates).flatMap(([row, gate]) =>
      gateQuestions(fillGate(gate, rollout.parameters), (...part) => at(section, row, part)),
    ),
  );
  const rows = Object.entries(stage.abort).flatMap(
    ([row, { probe, reconcile, threshold, compares }]): Question[] => {
      if (!probe || "from" in probe || !threshold) return [];
      return [
        ...(reconcile && compares ? eachWay(compares, reconcile, threshold, at("abort", row, ["each"])) : []),
        {
          ...at("abort", row, reconcile ? ["reconcile"] : ["probe", "query"]),
          query: probe.query,
          values: probe.values.map((value) => fillIn(value, rollout.parameters)),
          wanted: { kind: "quiet", threshold },
          sinceFlip: false,
          ...(probe.window === undefined ? {} : { window: probe.window }),
        },
      ];
    },
  );
  return [...gates, ...rows];
}

/**
 * Rows that differ in each way that a row counts, at once: what is planted there has to be found in every one of them. None
 * where that would not set it off.
 */
function eachWay(
  compares: Reconciliation,
  { of, count }: RowReconcile,
  threshold: Expectation,
  at: Place,
): Question[] {
  if (count.length < 2 || compare(threshold, count.length).kind !== "met") return [];
  const ways = count.map((one) => `((${asQuery(compares, { of, count: [one] }).query}) > 0)::int`);
  const wanted = { kind: "quiet", threshold: { gte: count.length } } as const;
  return [
    {
      ...at,
      query: `select ${ways.join(" + ")} as ways`,
      values: [],
      wanted,
      sinceFlip: false,
      planted: { ...compares, count },
    },
  ];
}

type Place = Pick<Question, "id" | "where" | "stage" | "section" | "row">;

function gateQuestions(gate: GateDefinition, at: (...part: string[]) => Place): Question[] {
  if ("query" in gate) {
    const { query, values, expect, samplesFrom, minSamples, prove, window } = gate;
    return [
      {
        ...at("query"),
        query,
        values,
        wanted: { kind: "expected", expect },
        sinceFlip: true,
        ...(samplesFrom && minSamples ? { samples: { ...samplesFrom, least: minSamples } } : {}),
        ...(prove ? { prove } : {}),
        ...(window === undefined ? {} : { window }),
      },
    ];
  }
  if (!("known" in gate)) return [];
  return Object.entries(gate.known ?? {}).map(([name, statement]) => ({
    ...at("known", name, "query"),
    ...statement,
    wanted: { kind: "known" },
    sinceFlip: true,
  }));
}

function inFlight({ afterAbort, parameters, stages }: Rollout): Question[] {
  if (!afterAbort?.inFlight) return [];
  const { query, values } = afterAbort.inFlight;
  return [
    {
      id: "afterAbort.inFlight.query",
      where: `Pulumi.${stages[0].name}.yaml cutover:rollout.afterAbort.inFlight.query`,
      section: "afterAbort",
      row: "inFlight",
      query,
      values: values.map((value) => fillIn(value, parameters)),
      wanted: { kind: "none" },
      sinceFlip: true,
    },
  ];
}

/** What the mapping of imports is held to before anything is declared: there are no values but those that it knows. */
function importsQuestions({ database, stages }: Rollout): Question[] {
  if (!database?.imports) return [];
  const { table, columns, statuses, versions } = database.imports;
  const strangers = (key: "statuses" | "versions", column: string, values: readonly string[]): Question => ({
    id: `database.imports.${key}`,
    where: `Pulumi.${stages[0].name}.yaml cutover:rollout.database.imports.${key}`,
    section: "database",
    row: "imports",
    query: `select count(*) from ${named(table)} where ${named(column)} not in (${values.map((_, at) => `$${at + 1}`).join(", ")})`,
    values,
    wanted: { kind: "none" },
    sinceFlip: true,
  });
  return [
    strangers("statuses", columns.status, Object.values(statuses).flat()),
    ...(columns.version === undefined
      ? []
      : [strangers("versions", columns.version, Object.values(versions))]),
  ];
}

const named = (name: string) => `"${name.replaceAll('"', '""')}"`;

/** What the database answered: the value, the number of samples where it is asked, or why there is neither. */
export interface Answer {
  readonly value?: unknown;
  readonly samples?: unknown;
  /** The database's own words. */
  readonly error?: string;
}

/** `unclear` is what decides nothing: no value, too few samples, an error. No gate passes on it, and no probe fires. */
export type Outcome = "good" | "bad" | "unclear";

/** What follows from an answer. */
export function outcomeOf({ wanted, samples }: Question, answer: Answer): Outcome {
  const { value } = answer;
  if (answer.error !== undefined) return "unclear";
  switch (wanted.kind) {
    case "expected": {
      if (samples && !(typeof answer.samples === "number" && answer.samples >= samples.least))
        return "unclear";
      const { kind } = compare(wanted.expect, value);
      return kind === "met" ? "good" : kind === "unmet" ? "bad" : "unclear";
    }
    case "quiet": {
      const { kind } = compare(wanted.threshold, typeof value === "boolean" ? Number(value) : value);
      return kind === "met" ? "bad" : kind === "unmet" ? "good" : "unclear";
    }
    case "known":
      return value === null || value === undefined ? "bad" : "good";
    case "none":
      return typeof value !== "number" ? "unclear" : value === 0 ? "good" : "bad";
  }
}

/** What a good answer is, in words. */
export function showWanted({ wanted, samples }: Question): string {
  const few = samples ? ` with ≥ ${samples.least} samples` : "";
  switch (wanted.kind) {
    case "expected":
      return `${showExpectation(wanted.expect)}${few}`;
    case "quiet":
      return `not ${showExpectation(wanted.threshold)}`;
    case "known":
      return "some value";
    case "none":
      return "0";
  }
}

/** The numbers, texts and booleans that an answer is held against: what made-up rows should reach or miss. */
export function boundsOf({ wanted, samples }: Question): Value[] {
  const bounds =
    wanted.kind === "expected" ? wanted.expect : wanted.kind === "quiet" ? wanted.threshold : { eq: 0 };
  const { quantity: _, ...rest } = bounds;
  return [
    ...Object.values(rest).filter((value) => value !== undefined),
    ...(samples ? [samples.least] : []),
  ] as Value[];
}
