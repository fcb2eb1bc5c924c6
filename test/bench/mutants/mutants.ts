import { parse } from "yaml";
import type { StackFile } from "../../../src/rollout/parse";
import { edgesOf, type Names, othersThan } from "./mutations";

/** A rollout's stack files with one thing in them written otherwise. */
export interface Mutant {
  /** Such as `stageA exit.E1.window: 24h → 48h`. */
  readonly name: string;
  /** The row of the plan that it is about, or the key under which it stands. */
  readonly row: string;
  readonly files: readonly StackFile[];
}

type Node = Record<string, unknown> | unknown[];
type Path = readonly (string | number)[];

/** Words for people, and what lies where the rollout runs: no row of a plan is decided by them. */
const PASSED_OVER: Readonly<Record<string, string>> = {
  title: "words",
  because: "words",
  remedy: "words",
  notes: "words",
  runbook: "words",
  host: "an address",
  text: "words; that it is there at all is a thing of its own",
  url: "an address",
  urls: "addresses",
  topics: "addresses",
  parameters: "names and dates of where the rollout runs",
  source: "another kind of gate has other keys, and is refused",
};

/** All mutants of a rollout's stack files, one for each thing that could be written otherwise. */
export function mutantsOf(files: readonly StackFile[]): Mutant[] {
  const read = files.map((file) => ({ file, config: (parse(file.text) as { config: Node }).config }));
  const names = namesIn(
    read.map(({ config }) => config),
    files.map(({ stack }) => stack),
  );
  return read.flatMap(({ file, config }) =>
    changesOf(config, [], names).map(({ path, words, apply }): Mutant => {
      const copy = structuredClone(config);
      apply(copy);
      const text = JSON.stringify({ config: copy });
      const shown = path
        .join(".")
        .replace(/^cutover:(stage|rollout)\.?/, (_, key) => (key === "rollout" ? "rollout." : ""));
      return {
        name: `${file.stack} ${shown}: ${words}`,
        row: rowOf(path),
        files: files.map((one) => (one === file ? { ...file, text } : one)),
      };
    }),
  );
}

interface Change {
  readonly path: Path;
  readonly words: string;
  apply(config: Node): void;
}

function changesOf(node: unknown, path: Path, names: Names): Change[] {
  if (typeof node !== "object" || node === null) return [];
  const entries: [string | number, unknown][] = Array.isArray(node)
    ? [...node.entries()]
    : Object.entries(node);
  return entries.flatMap(([key, value]): Change[] => {
    const here = [...path, key];
    if (isPassedOver(here)) return key === "text" ? [removalOf(here)] : [];
    const own = isLeaf(value) ? leafChanges(here, value, names) : changesOf(value, here, names);
    const removed = removalOf(here);
    // What shows that a gate can fail is one thing: it is taken out, or shows nothing.
    if (key === "prove") return [removed];
    // The files themselves, and what every stage must say.
    return path.length === 0 ? own : [...own, removed];
  });
}

/** The database's own name is where it lies; a metric's is what a row is about. */
const isPassedOver = (path: Path) =>
  Object.hasOwn(PASSED_OVER, String(path.at(-1))) || path.slice(-2).join(".") === "database.name";

function removalOf(path: Path): Change {
  return {
    path,
    words: "taken out",
    apply: (config) => {
      const around = inside(config, path.slice(0, -1));
      const key = String(path.at(-1));
      if (Array.isArray(around)) around.splice(Number(key), 1);
      else delete around[key];
    },
  };
}

function leafChanges(path: Path, value: unknown, names: Names): Change[] {
  const key = String(path.at(-1));
  const listed = typeof path.at(-1) === "number";
  const leaf = { key: listed ? String(path.at(-2)) : key, parent: String(path.at(-2)), value };
  const put = (to: unknown): Change => ({
    path,
    words: `${shown(value)} → ${shown(to)}`,
    apply: (config) => {
      (inside(config, path.slice(0, -1)) as Record<string, unknown>)[key] = to;
    },
  });
  const renamed = edgesOf(key).map(
    (edge): Change => ({
      path,
      words: `${key} → ${edge}`,
      apply: (config) => {
        const around = inside(config, path.slice(0, -1)) as Record<string, unknown>;
        delete around[key];
        around[edge] = value;
      },
    }),
  );
  return [...othersThan(leaf, names).map(put), ...renamed];
}

const isLeaf = (value: unknown) => typeof value !== "object" || value === null;
const shown = (value: unknown) =>
  typeof value === "string" ? value.replaceAll(/\s+/g, " ") : JSON.stringify(value);

function inside(config: Node, path: Path): Record<string, unknown> & unknown[] {
  return path.reduce<unknown>(
    (node, key) => (node as Record<string | number, unknown>)[key],
    config,
  ) as never;
}

const SECTIONS = ["entry", "smoke", "exit", "abort", "messages", "rollback", "gates"];

function rowOf(path: Path): string {
  const [, section, id] = path;
  return SECTIONS.includes(String(section)) && id !== undefined ? String(id) : String(section);
}

/** Names by their kind, wherever in the files they stand. */
function namesIn(configs: readonly Node[], stages: readonly string[]): Names {
  const found = (wanted: readonly string[], node: unknown): string[] =>
    typeof node !== "object" || node === null
      ? []
      : Object.entries(node).flatMap(([key, value]) =>
          wanted.includes(key) && typeof value === "string" ? [value] : found(wanted, value),
        );
  const all = (...wanted: string[]) => [...new Set(configs.flatMap((config) => found(wanted, config)))];
  const database = all("host");
  return {
    metrics: all("name", "samplesFrom").filter((name) => /^[A-Z]/.test(name) && !database.includes(name)),
    topics: ["onCall", "ops", "stakeholders"],
    roles: ["admin", "analyst", "verifier"],
    stages,
  };
}
