import stringify from "safe-stable-stringify";
import { milliseconds } from "../text/duration";
import { isObject } from "../text/json";
import { clipped } from "../text/text";
import { compare, type Expectation, endsOf, expectation, limitsOf } from "./expectation";

/** How a definition, or a part of it, compares with an earlier one. What cannot be compared counts as weaker. */
type Strength = "same" | "stronger" | "weaker" | "incomparable";

/** What a change of one part does, and what it is in words that follow the row's id: `accepts anything below 800, …`. */
export interface Change {
  readonly strength: Exclude<Strength, "same">;
  readonly words: string;
}

/** A definition as plain data, also one that was written down by an older version. */
export type Fields = Readonly<Record<string, unknown>>;

/** Both definitions in full: what a part means may depend on the others. */
export interface Pair {
  readonly was: Fields;
  readonly now: Fields;
}

/** Compares one part of a definition; undefined where it is as strong as it was. */
export type Order = (was: unknown, now: unknown, pair: Pair) => Change | undefined;

/** How a change of each part bears on the strength. Of a part that is not listed, any change is incomparable. */
export type Orders<D> = { readonly [Field in keyof D]?: Order };

/** Every change between two definitions that has a bearing on strength. */
export function compareFields(was: Fields, now: Fields, orders: Readonly<Record<string, Order>>): Change[] {
  const fields = [...new Set([...Object.keys(was), ...Object.keys(now)])];
  return fields.flatMap((field) => {
    const [before, after] = [was[field], now[field]];
    if (alike(before, after)) return [];
    const order = Object.hasOwn(orders, field) ? orders[field] : undefined;
    const change = (order ?? another(`\`${field}\``))(before, after, { was, now });
    return change ? [change] : [];
  });
}

/** The same value, the order of keys aside. */
export function alike(one: unknown, other: unknown): boolean {
  return stringify(one) === stringify(other);
}

/** Words for people: no change of them eases anything. */
export const neutral: Order = () => undefined;

/** An instruction to people: other words ease nothing, and none at all is weaker. `gone` says what is lost. */
export function instruction(gone: string): Order {
  const blank = (value: unknown) => typeof value !== "string" || value.trim() === "";
  return (was, now) => {
    if (blank(was) === blank(now)) return undefined;
    return blank(now)
      ? { strength: "weaker", words: gone }
      : { strength: "stronger", words: "says more to people" };
  };
}

/** Lists that say the same in any order. */
export function inAnyOrder(order: Order): Order {
  return (was, now, pair) => (alike(sorted(was), sorted(now)) ? undefined : order(was, now, pair));
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map((one) => stringify(sorted(one))).sort();
  if (!isObject(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, sorted(one)]));
}

/** Any change may be an easing. */
export function another(what: string): Order {
  return (was, now) => ({ strength: "incomparable", words: changed(what, was, now) });
}

function changed(what: string, was: unknown, now: unknown): string {
  if (now === undefined) return `no longer says ${what}`;
  if (was === undefined) return `now says ${what}: ${brief(now)}`;
  const [before, after] = [brief(was), brief(now)];
  const words = otherWords(what);
  return before === after ? words : `${words}: ${after}, was ${before}`;
}

/** What is named by a question is said; of several, there are others. */
function otherWords(what: string): string {
  if (/^(what|where) /.test(what)) return `says otherwise ${what}`;
  return `has ${/^[a-z]+s$/.test(what) ? "other" : "another"} ${what}`;
}

/** A greater length of time or number is stronger; none at all is weakest. `says` comes before the value. */
export function atLeast(says: string): Order {
  return sized(says, (was, now) => now > was);
}

/** A smaller length of time or number is stronger; none at all is weakest. */
export function atMost(says: string): Order {
  return sized(says, (was, now) => now < was);
}

function sized(says: string, stronger: (was: number, now: number) => boolean): Order {
  return (was, now) => {
    if (now === undefined) return { strength: "weaker", words: `no longer ${says} ${brief(was)}` };
    const words = `${says} ${brief(now)}${was === undefined ? "" : `, was ${brief(was)}`}`;
    if (was === undefined) return { strength: "stronger", words };
    const [before, after] = [sizeOf(was), sizeOf(now)];
    if (before?.unit !== after?.unit || !before || !after) return { strength: "incomparable", words };
    if (before.size === after.size) return undefined;
    return { strength: stronger(before.size, after.size) ? "stronger" : "weaker", words };
  };
}

/** A number, a length of time in ms, or a count of business cycles; undefined for what is none of them. */
function sizeOf(value: unknown): { readonly size: number; readonly unit: "1" | "ms" | "cycles" } | undefined {
  if (typeof value === "number" && Number.isFinite(value)) return { size: value, unit: "1" };
  if (typeof value !== "string") return undefined;
  if (/^\d{1,9}(ms|s|m|h|d)$/.test(value)) return { size: milliseconds(value), unit: "ms" };
  const cycles = /^(\d+) business cycles?$/.exec(value)?.[1];
  return cycles === undefined ? undefined : { size: Number(cycles), unit: "cycles" };
}

/** Something that is demanded beside: taking it out is weaker, adding it stronger, and another one incomparable. */
export function demanded(gone: string, what: string): Order {
  return (was, now, pair) => {
    if (now === undefined) return { strength: "weaker", words: gone };
    if (was === undefined) return { strength: "stronger", words: `now says ${what}` };
    return another(what)(was, now, pair);
  };
}

/** The known-bad probe of a gate. */
export const proof = demanded("no longer proves that it can fail", "known-bad probe");

/**
 * How far back is looked. Less is weaker; more is stronger only where no more time can ease what is asked of it, and
 * the soak, of no length of its own, is incomparable with a length.
 */
export function lookback(moreIsStronger: (pair: Pair) => boolean): Order {
  return (was, now, pair) => {
    const words = `looks back ${span(now)}, was ${span(was)}`;
    const [before, after] = [sizeOf(was)?.size, sizeOf(now)?.size];
    if (before === undefined || after === undefined) return { strength: "incomparable", words };
    if (after < before) return { strength: "weaker", words };
    if (after === before) return undefined;
    return { strength: moreIsStronger(pair) ? "stronger" : "incomparable", words };
  };
}

const span = (value: unknown) =>
  value === "soak" ? "over the whole soak" : value === undefined ? "no stated time" : brief(value);

/** What a value must be: the fewer values it lets through, the stronger. */
export const expected: Order = (was, now, pair) => {
  if (was === undefined || now === undefined) return accepted(was, now, pair);
  const [before, after] = [was, now] as [Expectation, Expectation];
  const changes = [
    accepted(limitsOf(before), limitsOf(after), pair),
    atLeast("must hold so many times in a row:")(before.inARow ?? 1, after.inARow ?? 1, pair),
    noWorse(before.noWorseThan, after.noWorseThan, pair),
  ].flatMap((change) => change ?? []);
  return together(changes);
};

/** Several changes as one: as strong as all of them are, or incomparable. */
function together(changes: readonly Change[]): Change | undefined {
  const [first] = changes;
  if (!first) return undefined;
  const same = changes.every(({ strength }) => strength === first.strength);
  const words = changes.map((change) => change.words).join("; ");
  return { strength: same ? first.strength : "incomparable", words };
}

const compared = demanded(
  "is no longer compared with the first time after the flip",
  "what it is compared with",
);

/** What it may be beside what it was first: less room is stronger, and another time is another comparison. */
const noWorse: Order = (was, now, pair) => {
  const [before, after] = [was, now] as Expectation["noWorseThan"][];
  const first = (one: typeof before) => sizeOf(one?.first) ?? one?.first;
  if (!before || !after || !alike(first(before), first(after)))
    return alike(before, after) ? undefined : compared(was, now, pair);
  const [percent, percentNow] = [Number.parseFloat(before.by), Number.parseFloat(after.by)];
  return atMost("may be worse than at first, in %, by")(percent, percentNow, pair);
};

/** Its limits: the fewer values they let through, the stronger. */
const accepted: Order = (was, now, pair) => {
  const [before, after] = [expectation.safeParse(was), expectation.safeParse(now)];
  if (now === undefined) return { strength: "weaker", words: "accepts any value" };
  if (was === undefined) return { strength: "stronger", words: `accepts ${showAccepted(now)}` };
  const words = `accepts ${accepts(was, now, unitIn(pair.now))}`;
  if (!before.success || !after.success) return { strength: "incomparable", words };
  const fewer = within(after.data, before.data);
  const more = within(before.data, after.data);
  if (fewer && more) return undefined;
  return { strength: fewer ? "stronger" : more ? "weaker" : "incomparable", words };
};

/** Of the same operator, the number says it all: up to 800 ms, was 500 ms. */
function accepts(was: unknown, now: unknown, unit: string): string {
  const [[before, ...more], [after, ...others]] = [was, now].map((one) => Object.entries(one as object)) as [
    [string, unknown][],
    [string, unknown][],
  ];
  if (more.length + others.length > 0 || !before || before[0] !== after?.[0])
    return `${showAccepted(now)}, was ${showAccepted(was)}`;
  const [operator, bound] = after;
  const says = operator === "lt" ? `up to ${brief(bound)}` : showAccepted(now);
  return `${says}${unit}, was ${brief(before[1])}${unit}`;
}

/** The unit that a metric's own name ends with. */
function unitIn({ name }: Fields): string {
  const [, unit] = /(Ms|Percent)$/.exec(String(name)) ?? [];
  return unit === undefined ? "" : unit === "Ms" ? " ms" : " %";
}

/** Whether everything that meets `inner` meets `outer`, too. Says no where that is not certain. */
export function within(inner: Expectation, outer: Expectation): boolean {
  if (inner.eq !== undefined) return compare(outer, inner.eq).kind === "met";
  if (outer.eq !== undefined) return false;
  if (outer.ne !== undefined && outer.ne !== inner.ne && compare(inner, outer.ne).kind !== "unmet")
    return false;
  const [a, b] = [edges(inner), edges(outer)];
  const above = a.low > b.low || (a.low === b.low && (a.lowOpen || !b.lowOpen));
  const below = a.high < b.high || (a.high === b.high && (a.highOpen || !b.highOpen));
  return above && below;
}

function edges(expect: Expectation) {
  const { low, high } = endsOf(expect);
  return { low, lowOpen: expect.gt === low, high, highOpen: expect.lt === high };
}

const SAYS = {
  eq: (value: string) => `only ${value}`,
  ne: (value: string) => `anything but ${value}`,
  gt: (value: string) => `anything above ${value}`,
  gte: (value: string) => `${value} and more`,
  lt: (value: string) => `anything below ${value}`,
  lte: (value: string) => `up to ${value}`,
} as const;

function showAccepted(value: unknown): string {
  const parts = Object.entries((value ?? {}) as Record<string, unknown>).flatMap(([operator, bound]) =>
    Object.hasOwn(SAYS, operator) && bound !== undefined
      ? [SAYS[operator as keyof typeof SAYS](brief(bound))]
      : [],
  );
  const { quantity } = (value ?? {}) as Record<string, unknown>;
  return `${parts.join(" and ") || "anything"}${quantity === undefined ? "" : ` (quantity: ${brief(quantity)})`}`;
}

/** Something that has parts of its own: what is said is said of the part. */
export function inParts(what: string, orders: Readonly<Record<string, Order>> = {}): Order {
  return (was, now, pair) => {
    if (typeof was !== "object" || typeof now !== "object") return another(what)(was, now, pair);
    const change = together(compareFields(was as Fields, now as Fields, orders));
    if (!change || Object.keys(orders).length > 0) return change;
    return { ...change, words: `${change.words} in its ${what}` };
  };
}

/** A list of which more is stronger. `loses` says what it is to lose some, and how many are left. */
export function moreOf(loses: (lost: readonly string[], left: number) => string): Order {
  return (was, now) => {
    const [before, after] = [was, now].map((list) =>
      Array.isArray(list) ? list.map((one) => (typeof one === "string" ? one : (stringify(one) ?? ""))) : [],
    ) as [string[], string[]];
    const lost = before.filter((one) => !after.includes(one));
    if (lost.length > 0) {
      const gained = after.some((one) => !before.includes(one));
      return { strength: gained ? "incomparable" : "weaker", words: loses(lost, after.length) };
    }
    return after.some((one) => !before.includes(one))
      ? { strength: "stronger", words: "has more of them" }
      : undefined;
  };
}

/** Characters. */
const BRIEF = 60;

/** A value in a few words: a length of time with a space in it, long texts and maps by what they are. */
export function brief(value: unknown): string {
  if (value === undefined || value === null) return "nothing";
  if (typeof value === "string") {
    if (/^\d{1,9}(ms|s|m|h|d)$/.test(value)) return value.replace(/(?=[a-z])/, " ");
    return clipped(value.replace(/\s+/g, " ").trim(), BRIEF);
  }
  return typeof value === "object" ? clipped(stringify(value) ?? "", BRIEF) : String(value);
}
