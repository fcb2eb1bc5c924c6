import { type Document, isMap, LineCounter, parseDocument } from "yaml";
import { short } from "../text/command";
import { isObject } from "../text/json";
import { type Locate, type Problem, reasonOf, tellWhere } from "../text/problem";
import { clipped } from "../text/text";
import { type Assembled, assemble } from "./assemble";
import { NOT_A_NAME } from "./checks/stages";
import { misplacedProblems } from "./config/misplaced";
import { problemsOf } from "./config/problems";
import { rolloutConfig, stageConfig } from "./config/stackFile";
import type { StackConfig } from "./rollout";
import { syntaxProblems, withoutText } from "./syntax";

/** What was read: a rollout with its stacks as they are written and where each part of them is, or what is wrong. */
export type Parsed =
  | Extract<Assembled, { ok: false }>
  | (Extract<Assembled, { ok: true }> & { readonly stacks: readonly StackConfig[]; readonly locate: Locate });

/** A stack's config file, as read. */
export interface StackFile {
  /** The stack's name: what stands between `Pulumi.` and `.yaml`. */
  readonly stack: string;
  /** As a person names it: `Pulumi.stageA.yaml`. */
  readonly file: string;
  readonly text: string;
}

const KEYS = { "cutover:rollout": rolloutConfig, "cutover:stage": stageConfig } as const;

/** Keys of this namespace beside the structured ones. `token-ROLE` is a secret; its value is never looked at here. */
const OTHER_KEYS = /^cutover:(timeScale|token-[A-Za-z][A-Za-z0-9-]*)$/;

/**
 * Parses all stack files of a project into one rollout. Reports all problems at once: first those of each file
 * by itself, and those between files once each file is sound.
 */
export function parseRollout(files: readonly StackFile[], folder: string): Parsed {
  const parsed = files.map(parseStack);
  const problems = [...parsed.flatMap((stack) => stack.problems), ...withoutStage(parsed)];
  if (problems.length > 0) return { ok: false, problems };
  const locate: Locate = (stack, path) =>
    parsed.find((one) => one.config.stack === stack)?.locate(path) ?? folder;
  const stacks = parsed.map((stack) => stack.config).filter((config) => config.stage || config.rollout);
  const assembled = assemble(stacks, locate);
  return assembled.ok ? { ...assembled, stacks, locate } : assembled;
}

/**
 * Files that declare nothing. Every stack of this project runs the same program, which makes a stage of each: one that
 * says nothing of it would be left out of the rollout without a word. What another program's stack says is not ours.
 */
function withoutStage(parsed: readonly ParsedStack[]): Problem[] {
  if (!parsed.some(({ keys }) => keys?.includes("cutover:rollout"))) return [];
  return parsed
    .filter(
      ({ keys, problems }) =>
        keys &&
        problems.length === 0 &&
        !keys.some((key) => Object.hasOwn(KEYS, key) || !NOT_FOREIGN.test(key)),
    )
    .map(({ locate }) => ({
      where: locate([]),
      what: "declares no cutover:stage, and the rollout would go on without this stage",
      remedy: "Declare it there; or take the file away, where it is no stage",
    }));
}

/** What this program's stacks set: its own keys, those of its providers and of Pulumi, and any of no namespace. */
const NOT_FOREIGN = /^(?:(?:cutover|aws|postgresql|pulumi):|[^:]*$)/;

interface ParsedStack {
  readonly config: StackConfig;
  /** What stands under its `config:`; undefined where that cannot be read. */
  readonly keys?: readonly string[] | undefined;
  readonly problems: readonly Problem[];
  readonly locate: (path: readonly (string | number)[]) => string;
}

function parseStack({ stack, file, text }: StackFile): ParsedStack {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false, logLevel: "error" });
  const locate = (path: readonly (string | number)[]) => describe(file, document, lines, path);
  const syntax = syntaxProblems(file, text, document, lines);
  const unread = { config: { stack }, locate };
  if (syntax.length > 0) return { ...unread, problems: syntax };

  const read = readConfig(document, locate);
  if ("problem" in read) return { ...unread, problems: [read.problem] };
  const { config, root } = read;
  const problems = hiddenKeyProblems(config, locate);
  const values: { [key: string]: unknown } = {};
  for (const [key, schema] of Object.entries(KEYS)) {
    const raw = config[key];
    if (raw === undefined) continue;
    if (hasSecret(key === "cutover:rollout" ? withoutEndpoints(raw) : raw)) {
      problems.push({
        where: locate([key]),
        what: "holds a secret",
        remedy: "Secrets belong in keys of their own; set this one as plain values",
      });
      continue;
    }
    const result = schema.safeParse(raw);
    if (result.success) values[key] = result.data;
    else problems.push(...problemsOf(result.error, raw, schema, (path) => locate([key, ...path])));
  }
  problems.push(...otherKeyProblems(stack, config, locate), ...misplacedProblems(root, config, locate));
  return {
    config: { stack, rollout: values["cutover:rollout"], stage: values["cutover:stage"] } as StackConfig,
    keys: Object.keys(config),
    problems,
    locate,
  };
}

/** What stands under `config:`; nothing where the file is empty or has none. */
function readConfig(
  document: Document,
  locate: ParsedStack["locate"],
): { config: Record<string, unknown>; root: Record<string, unknown> } | { problem: Problem } {
  const notMap = (what: string) => ({
    problem: {
      where: locate([]),
      what,
      remedy: "Write it as Pulumi does: config: with keys such as cutover:stage",
    },
  });
  let root: unknown;
  try {
    root = document.toJS();
  } catch (error) {
    // Aliases without an anchor, or that multiply beyond measure, come to light only here.
    return notMap(`cannot be read: ${withoutText(reasonOf(error))}`);
  }
  if (root === null || root === undefined) return { config: {}, root: {} };
  if (!isObject(root)) return notMap("must be a map");
  const config = root.config ?? {};
  return isObject(config) ? { config, root } : notMap("config must be a map");
}

/**
 * A key that every object of JavaScript has by itself: schemas pass over `__proto__`, so that what stands under it would be
 * gone without a word, and who looks for `constructor` finds one where nobody declared any.
 */
function hiddenKeyProblems(
  value: unknown,
  locate: ParsedStack["locate"],
  path: readonly (string | number)[] = [],
  seen = new Set<object>(),
): Problem[] {
  // An alias may lead back to a map that is being looked at.
  if (typeof value !== "object" || value === null || seen.has(value)) return [];
  seen.add(value);
  const entries: [string | number, unknown][] = Array.isArray(value)
    ? [...value.entries()]
    : Object.entries(value);
  return entries.flatMap(([key, inner]) =>
    isEverywhere(key, path)
      ? [{ where: locate([...path, key]), ...NOT_A_NAME }]
      : hiddenKeyProblems(inner, locate, [...path, key], seen),
  );
}

/** What a request sends is the app's to name. */
const isEverywhere = (key: string | number, path: readonly (string | number)[]) =>
  key === "__proto__" || (key in Object.prototype && !path.includes("body"));

function otherKeyProblems(
  stack: string,
  config: Record<string, unknown>,
  locate: ParsedStack["locate"],
): Problem[] {
  return Object.entries(config).flatMap(([key, value]): Problem[] => {
    if (!key.startsWith("cutover:") || Object.hasOwn(KEYS, key)) return [];
    if (!OTHER_KEYS.test(key)) {
      const known = [...Object.keys(KEYS), "cutover:timeScale", "cutover:token-ROLE"].join(", ");
      return [
        { where: locate([key]), what: "is not a key that cutover knows", remedy: `Known keys: ${known}` },
      ];
    }
    return tellWhere(key.startsWith("cutover:token-") && !hasSecret(value), {
      where: locate([key]),
      what: "is a token in plain text",
      remedy: `Revoke it, then set a new one: ${short.pulumi("config set", `-s ${stack}`, "--secret", key)}`,
    });
  });
}

/** A key is quoted so far: nobody reads a longer one. Characters. */
const LONGEST_NAME = 80;

/** `Pulumi.stageA.yaml:12 cutover:stage.entry.A3.expect`: the line of the deepest part that is written there. */
function describe(
  file: string,
  document: Document,
  lines: LineCounter,
  path: readonly (string | number)[],
): string {
  let line: number | undefined;
  for (let depth = path.length; depth > 0 && line === undefined; depth--) {
    const parent = document.getIn(["config", ...path.slice(0, depth - 1)], true);
    const pair = isMap(parent)
      ? parent.items.find(
          (item) => String((item.key as { value?: unknown })?.value) === String(path[depth - 1]),
        )
      : undefined;
    const range =
      (pair?.key as { range?: [number, number, number] } | undefined)?.range ??
      nodeRange(document.getIn(["config", ...path.slice(0, depth)], true));
    if (range) line = lines.linePos(range[0]).line;
  }
  const names = path.map((part) => clipped(String(part), LONGEST_NAME));
  return `${file}${line === undefined ? "" : `:${line}`}${names.length > 0 ? ` ${names.join(".")}` : ""}`;
}

function nodeRange(node: unknown): [number, number, number] | undefined {
  return (node as { range?: [number, number, number] } | undefined)?.range ?? undefined;
}

/** The rollout without the endpoints of its topics: these alone may be secret, since a URL may hold a key. */
function withoutEndpoints(raw: unknown): unknown {
  if (!isObject(raw) || !isObject(raw.topics)) return raw;
  const topics = Object.values(raw.topics).map((list) =>
    Array.isArray(list) ? list.map((one) => (isObject(one) ? { ...one, endpoint: undefined } : one)) : list,
  );
  return { ...raw, topics };
}

/** Pulumi writes an encrypted value as `{secure: …}`. Anchors can make a value hold itself: each is looked at once. */
function hasSecret(value: unknown, seen: Set<unknown> = new Set()): boolean {
  if (typeof value !== "object" || value === null || seen.has(value)) return false;
  seen.add(value);
  if ("secure" in value) return true;
  return Object.values(value).some((inner) => hasSecret(inner, seen));
}
