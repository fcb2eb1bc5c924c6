import { isDeepStrictEqual } from "node:util";
import stringify from "safe-stable-stringify";
import { type Inputs, type Spec, specsOf } from "./spec";
import { isObject, type Props, parsed, UNKNOWN } from "./values";

type ChangeKind = "add" | "delete" | "update";
export interface Change {
  readonly kind: ChangeKind;
  readonly replaces: boolean;
}

/** Services answer "nothing" in several ways; none of them is a change. */
export function isEmpty(value: unknown): boolean {
  if (value === undefined || value === null || value === "") return true;
  if (Array.isArray(value)) return value.length === 0;
  return isObject(value) && Object.keys(value).length === 0;
}

/** Whether two values of one input mean the same to the service. */
export function same(spec: Spec, a: unknown, b: unknown): boolean {
  if (isEmpty(a) && isEmpty(b)) return true;
  if (a === UNKNOWN || b === UNKNOWN || isEmpty(a) !== isEmpty(b)) return false;
  switch (spec.kind) {
    case "json":
      return isDeepStrictEqual(parsed(String(a), a), parsed(String(b), b));
    case "archive":
      return (a as Props).hash === (b as Props).hash;
    case "list":
      return sameItems(spec.of as Spec, a as unknown[], b as unknown[]);
    case "set":
      return sameItems(spec.of as Spec, ordered(a as unknown[]), ordered(b as unknown[]));
    case "map":
    case "object":
      return allKeys(a as Props, b as Props).every((key) =>
        same(child(spec, key), (a as Props)[key], (b as Props)[key]),
      );
    default:
      return a === b;
  }
}

/** What differs between two sets of inputs, by property path as the engine writes it. */
export function diffProps(inputs: Inputs, olds: Props, news: Props): Map<string, Change> {
  const changes = new Map<string, Change>();
  for (const [name, spec] of Object.entries(specsOf(inputs))) {
    // What the service filled in stays as it is when the program does not mention it.
    if (spec.traits.computed && news[name] === undefined) continue;
    diffValue(spec, name, olds[name], news[name], spec.traits.replaces === true, changes);
  }
  return changes;
}

function diffValue(
  spec: Spec,
  path: string,
  old: unknown,
  now: unknown,
  replaces: boolean,
  changes: Map<string, Change>,
): void {
  if (same(spec, old, now)) return;
  const keys = comparable(spec, old, now) ? allKeys(old as Props, now as Props) : [];
  if (keys.length > 0) {
    for (const key of keys) {
      const inner = child(spec, key);
      const at = Array.isArray(old) ? `${path}[${key}]` : `${path}${step(key)}`;
      const replacesToo = inner.traits.replaces ?? replaces;
      diffValue(inner, at, (old as Props)[key], (now as Props)[key], replacesToo, changes);
    }
    return;
  }
  const kind = isEmpty(old) ? "add" : isEmpty(now) ? "delete" : "update";
  changes.set(path, { kind, replaces });
}

function comparable(spec: Spec, old: unknown, now: unknown): boolean {
  if (isEmpty(old) || isEmpty(now) || now === UNKNOWN || old === UNKNOWN) return false;
  return spec.kind === "map" || spec.kind === "object" || spec.kind === "list";
}

function child(spec: Spec, key: string): Spec {
  return (spec.fields?.[key] ?? spec.of) as Spec;
}

/** The input that a path leads into. */
export function top(path: string): string {
  return path.split(/[.[]/, 1)[0] ?? path;
}

function step(key: string): string {
  return /^[A-Za-z_$][\w$]*$/.test(key) ? `.${key}` : `[${JSON.stringify(key)}]`;
}

function allKeys(a: Props, b: Props): string[] {
  return [...new Set([...Object.keys(a), ...Object.keys(b)])];
}

function sameItems(of: Spec, a: unknown[], b: unknown[]): boolean {
  return a.length === b.length && a.every((item, i) => same(of, item, b[i]));
}

function ordered(items: unknown[]): unknown[] {
  const text = (item: unknown) => stringify(item) ?? "";
  return items.toSorted((a, b) => (text(a) < text(b) ? -1 : 1));
}
