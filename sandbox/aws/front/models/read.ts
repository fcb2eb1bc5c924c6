import { bodyOf, header, type Input, type RawRequest } from "../call";
import type { Member, Model, Shape } from "./library";

/** A request as the model of its operation names things. */
export interface Modelled {
  readonly model: Model;
  readonly operation: string;
  /** The shape of what it asks with; undefined for an operation that takes nothing. */
  readonly shape: string | undefined;
  readonly input: Input;
  /** As in `check`. */
  readonly wire: { readonly text: boolean; readonly base64: boolean };
}

/** The operation of one of these models at this method and path, with what its input says. */
export function readRoute(raw: RawRequest, models: readonly Model[]): Modelled | undefined {
  const { pathname, searchParams } = new URL(raw.url, "http://front");
  for (const { model, operation, path } of routesOf(models)) {
    if (model.operations[operation]?.http?.method !== raw.method) continue;
    const found = path.exec(pathname);
    if (found === null) continue;
    const shape = model.operations[operation]?.input?.shape;
    const labels = Object.entries(found.groups ?? {}).map(([name, text]) => [name, decodeURIComponent(text)]);
    const input =
      shape === undefined
        ? {}
        : restInput(model, model.shapes[shape] as Shape, raw, searchParams, Object.fromEntries(labels));
    return { model, operation, shape, input, wire: { text: false, base64: true } };
  }
  return undefined;
}

interface Route {
  readonly model: Model;
  readonly operation: string;
  readonly path: RegExp;
}

const routes = new WeakMap<Model, readonly Route[]>();

/** The paths of the models, those with the fewest labels first: `/a/{b}` must not take what `/a/all` is for. */
function routesOf(models: readonly Model[]): readonly Route[] {
  return models.flatMap((model) => {
    const known = routes.get(model) ?? made(model);
    routes.set(model, known);
    return known;
  });
}

function made(model: Model): readonly Route[] {
  const labels = (uri: string) => uri.split("{").length;
  return Object.entries(model.operations)
    .map(([operation, { http }]) => ({
      operation,
      uri: (http?.requestUri ?? "/").split("?", 1)[0] as string,
    }))
    .sort((a, b) => labels(a.uri) - labels(b.uri))
    .map(({ operation, uri }) => {
      const plain = uri.replace(/\/$/, "").replaceAll(/[.*$^()|]/g, "\\$&");
      const path = plain
        .replaceAll(/\{(\w+)\+\}/g, "(?<$1>.+)")
        .replaceAll(/\{([\w-]+)\}/g, (_all, name: string) => `(?<${group(name)}>[^/]+)`);
      return { model, operation, path: new RegExp(`^${path}/?$`) };
    });
}

/** A label as the name of a group. */
const group = (label: string) => label.replaceAll("-", "_");

function restInput(
  model: Model,
  shape: Shape,
  raw: RawRequest,
  query: URLSearchParams,
  labels: Readonly<Record<string, string>>,
): Input {
  const members = Object.entries(shape.members ?? {});
  const placed: Record<string, unknown> = {};
  for (const [name, member] of members) {
    const word = member.locationName ?? name;
    if (member.location === "uri") placed[name] = labels[group(word)];
    else if (member.location === "querystring") placed[name] = inQuery(model, member, query, word);
    else if (member.location === "header")
      placed[name] = inHeader(model, member, header(raw, word.toLowerCase()));
  }
  const payload = shape.payload;
  if (payload !== undefined) {
    const type = model.shapes[shape.members?.[payload]?.shape ?? ""]?.type;
    const body = bodyOf(raw);
    placed[payload] = type === "structure" ? json(body) : type === "blob" ? body : body.toString("utf8");
    return placed;
  }
  const within = members.filter(([, { location }]) => location === undefined);
  if (within.length === 0) return placed;
  return { ...renamed(json(bodyOf(raw)), within), ...placed };
}

/** The body's names are those of the wire. */
function renamed(body: unknown, members: readonly (readonly [string, Member])[]): Input {
  if (typeof body !== "object" || body === null) return {};
  const names = new Map(members.map(([name, { locationName }]) => [locationName ?? name, name]));
  return Object.fromEntries(Object.entries(body).map(([name, value]) => [names.get(name) ?? name, value]));
}

function inQuery(model: Model, member: Member, query: URLSearchParams, word: string): unknown {
  const shape = model.shapes[member.shape];
  if (shape?.type === "list") return query.has(word) ? query.getAll(word) : undefined;
  // A map takes what no other member names; nothing that is called here has one.
  return shape?.type === "map" ? undefined : (query.get(word) ?? undefined);
}

function inHeader(model: Model, member: Member, found: string | undefined): unknown {
  const shape = model.shapes[member.shape];
  return shape?.type === "list" && found !== undefined ? found.split(",").map((item) => item.trim()) : found;
}

function json(body: Buffer): unknown {
  try {
    return body.length === 0 ? {} : JSON.parse(body.toString("utf8"));
  } catch {
    // The emulator says what is wrong with it.
    return {};
  }
}

/**
 * What a request of the query protocol says, by the model: the wire has names and text alone. `A.member.1.B=c` is the
 * `B` of the first of `A`; a list may be flat, and an item and a map's entries may have names of their own.
 */
export function readQueryInput(model: Model, shape: string, text: string): Input {
  const tree: Tree = {};
  for (const [name, value] of new URLSearchParams(text)) {
    if (name === "Action" || name === "Version") continue;
    const parts = name.split(".");
    let at = tree;
    for (const part of parts.slice(0, -1)) {
      const next = at[part];
      const inner: Tree = typeof next === "object" ? next : {};
      at[part] = inner;
      at = inner;
    }
    at[parts.at(-1) as string] = value;
  }
  return branch(model, { shape }, tree) as Input;
}

type Tree = { [name: string]: Tree | string };

function branch(model: Model, member: Member, found: Tree | string): unknown {
  const shape = model.shapes[member.shape] as Shape;
  const flat = shape.flattened || member.flattened;
  switch (shape.type) {
    case "structure": {
      if (typeof found === "string") return found;
      const named = new Map(
        Object.entries(shape.members ?? {}).map(([name, of]) => [
          wireName(model, name, of),
          [name, of] as const,
        ]),
      );
      return Object.fromEntries(
        Object.entries(found).map(([word, value]) => {
          const [name, of] = named.get(word) ?? [word, undefined];
          return [name, of === undefined ? value : branch(model, of, value)];
        }),
      );
    }
    case "list": {
      // An empty list is a name without a value.
      if (typeof found === "string") return found === "" ? [] : found;
      const items = flat ? found : (found[shape.member?.locationName ?? "member"] ?? found.member);
      return numbered(items).map((item) => branch(model, shape.member as Member, item));
    }
    case "map": {
      if (typeof found === "string") return found === "" ? {} : found;
      const [key, value] = [shape.key?.locationName ?? "key", shape.value?.locationName ?? "value"];
      const entries = numbered(flat ? found : found.entry).filter((entry) => typeof entry === "object");
      return Object.fromEntries(
        entries.map((entry) => [
          String(entry[key]),
          branch(model, shape.value as Member, entry[value] ?? ""),
        ]),
      );
    }
    default:
      return found;
  }
}

/** A flat list is called as its items are. */
function wireName(model: Model, name: string, member: Member): string {
  const shape = model.shapes[member.shape];
  const flat = shape?.type === "list" && (shape.flattened || member.flattened);
  return (flat ? shape?.member?.locationName : undefined) ?? member.locationName ?? name;
}

function numbered(items: Tree | string | undefined): (Tree | string)[] {
  if (typeof items !== "object") return [];
  return Object.entries(items)
    .sort(([a], [b]) => Number(a) - Number(b))
    .map(([, item]) => item);
}
