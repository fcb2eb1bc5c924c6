import { type Inputs, type Spec, type Specs, specsOf } from "../../sandbox/plugin/spec";
import type { Fact, Facts } from "./official";
import { REPLACES, STRICTER } from "./replaces";

/** How a resource of ours stands to the official one. */
export interface Conformance {
  /** Our inputs, those within others too. */
  readonly inputs: number;
  /** The official ones that ours does not take: a program that gives one is refused. */
  readonly untaken: readonly string[];
  /** What differs, each as a clause. */
  readonly differences: readonly string[];
}

/** Holds a resource's inputs to what the official SDK says of them. */
export function compare(type: string, inputs: Inputs, facts: Facts): Conformance {
  const specs = specsOf(inputs);
  const found = fields(specs, facts, type);
  const known = REPLACES[type];
  return {
    ...found,
    differences: [...found.differences, ...(known ? replacing(type, specs, known.inputs) : [])],
  };
}

function fields(specs: Specs, facts: Facts, at: string): Conformance {
  const each = Object.entries(specs).map(([name, spec]): Conformance => {
    const fact = facts[name];
    const path = `${at}.${name}`;
    if (fact === undefined) return { inputs: 1, untaken: [], differences: [`${path} is no official input`] };
    const inner = within(spec, fact, path);
    return {
      ...inner,
      inputs: inner.inputs + 1,
      differences: [...differs(spec, fact, path), ...inner.differences],
    };
  });
  const untaken = Object.keys(facts).filter((name) => specs[name] === undefined);
  const missing = untaken
    .filter((name) => facts[name]?.required)
    .map((name) => `${at}.${name} is required, and unknown`);
  return {
    inputs: each.reduce((so, { inputs }) => so + inputs, 0),
    untaken: [...untaken.map((name) => `${at}.${name}`), ...each.flatMap((one) => one.untaken)],
    differences: [...missing, ...each.flatMap(({ differences }) => differences)],
  };
}

function within(spec: Spec, fact: Fact, path: string): Conformance {
  const ours = spec.fields ?? spec.of?.fields;
  if (ours !== undefined && fact.fields !== undefined) return fields(ours, fact.fields, path);
  const differences = ours || fact.fields ? [`${path} has fields on one side alone`] : [];
  return { inputs: 0, untaken: [], differences };
}

/** What a kind of ours is in an SDK: a JSON document is text, and a set a list. */
const KINDS: Readonly<Record<string, Fact["kind"]>> = { json: "text", set: "list" };

function differs({ kind, traits }: Spec, fact: Fact, path: string): string[] {
  const required = !traits.optional && traits.default === undefined && !traits.computed && !traits.named;
  const pairs: readonly [what: string, ours: unknown, official: unknown][] = [
    ["kind", KINDS[kind] ?? kind, fact.kind],
    ["required", required, fact.required === true],
    ["secret", traits.secret === true, fact.secret === true],
  ];
  return pairs
    .filter(([, ours, official]) => ours !== official)
    .map(([what, ours, official]) => `${path}: ${what} is ${ours} here, and ${official} officially`);
}

function replacing(type: string, specs: Specs, official: readonly string[]): string[] {
  return Object.entries(specs).flatMap(([name, { traits }]) => {
    const [ours, theirs] = [traits.replaces === true, official.includes(name) || name === "region"];
    if (ours === theirs || (ours && STRICTER[`${type}.${name}`] !== undefined)) return [];
    return [`${type}.${name}: a change makes a new resource ${ours ? "here alone" : "officially alone"}`];
  });
}
