import { type Document, isMap, LineCounter, parseDocument } from "yaml";
import { type Assembled, assemble, type Locate } from "../model/assemble";
import { rolloutConfig, stageConfig } from "../model/config";
import type { Problem } from "../model/problem";
import type { StackConfig } from "../model/rollout";
import { problemsOf } from "./zod-problems";

/** A stack's config file, as read. */
export interface StackFile {
  /** The stack's name: what stands between `Pulumi.` and `.yaml`. */
  readonly stack: string;
  /** As a person names it: `Pulumi.stageA.yaml`. */
  readonly file: string;
  readonly text: string;
}

const KEYS = { "cutover:rollout": rolloutConfig, "cutover:stage": stageConfig } as const;

/** Keys of this namespace beside the structured ones. */
const PLAIN_KEYS: readonly string[] = ["cutover:timeScale"];

/**
 * Parses all stack files of a project into one rollout. Reports all problems at once: first those of each file
 * by itself, and those between files once each file is sound.
 */
export function parseRollout(files: readonly StackFile[], folder: string): Assembled {
  const parsed = files.map(parseStack);
  const problems = parsed.flatMap((stack) => stack.problems);
  if (problems.length > 0) return { ok: false, problems };
  const locate: Locate = (stack, path) =>
    parsed.find((one) => one.config.stack === stack)?.locate(path) ?? folder;
  return assemble(
    parsed.map((stack) => stack.config).filter((config) => config.stage || config.rollout),
    locate,
  );
}

interface ParsedStack {
  readonly config: StackConfig;
  readonly problems: readonly Problem[];
  readonly locate: (path: readonly (string | number)[]) => string;
}

function parseStack({ stack, file, text }: StackFile): ParsedStack {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false });
  const locate = (path: readonly (string | number)[]) => describe(file, document, lines, path);
  const syntax = document.errors.map(
    (error): Problem => ({
      where: `${file}:${lines.linePos(error.pos[0]).line}`,
      what: `is not YAML: ${error.message.split("\n")[0]}`,
      remedy: "Correct the syntax",
    }),
  );
  if (syntax.length > 0) return { config: { stack }, problems: syntax, locate };

  const config = (document.toJS() as { config?: Record<string, unknown> } | null)?.config ?? {};
  const problems: Problem[] = [];
  const values: { [key: string]: unknown } = {};
  for (const [key, schema] of Object.entries(KEYS)) {
    const raw = config[key];
    if (raw === undefined) continue;
    if (hasSecret(raw)) {
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
  for (const key of Object.keys(config)) {
    if (key.startsWith("cutover:") && !Object.hasOwn(KEYS, key) && !PLAIN_KEYS.includes(key)) {
      problems.push({
        where: locate([key]),
        what: "is not a key that cutover knows",
        remedy: `Known keys: ${[...Object.keys(KEYS), ...PLAIN_KEYS].join(", ")}`,
      });
    }
  }
  return {
    config: { stack, rollout: values["cutover:rollout"], stage: values["cutover:stage"] } as StackConfig,
    problems,
    locate,
  };
}

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
  return `${file}${line === undefined ? "" : `:${line}`}${path.length > 0 ? ` ${path.join(".")}` : ""}`;
}

function nodeRange(node: unknown): [number, number, number] | undefined {
  return (node as { range?: [number, number, number] } | undefined)?.range ?? undefined;
}

/** Pulumi writes an encrypted value as `{secure: …}`. */
function hasSecret(value: unknown): boolean {
  if (typeof value !== "object" || value === null) return false;
  if ("secure" in value) return true;
  return Object.values(value).some(hasSecret);
}
