import { stepsOf } from "../../../src/aws/logPatterns/jsonPattern";

/** The most lines that are tried of one pattern. */
const MOST = 2_000;

/** Lines that say nothing in particular. */
const PLAIN = ["all is well", '{"message":"all is well"}', "one two three", "1", "{}"];

/** Lines of which some match a filter pattern, where any can be thought of, and some do not. */
export function linesAround(pattern: string): string[] {
  const begins = pattern.trim()[0];
  const own = begins === "{" ? ofJson(pattern) : begins === "[" ? ofFields(pattern) : ofWords(pattern);
  return [...new Set([...own, ...PLAIN])];
}

/** `$.status = "5*"`, with what it is compared with. */
const CONDITION =
  /(?<selector>\$(?:\.?\[[^\]]*\]|\.[\w-]+)+)\s*(?<mark>!=|<=|>=|[=<>]|IS|NOT)\s*(?:"(?<quoted>(?:[^"\\]|\\.)*)"|%(?<regex>[^%]+)%|(?<word>[^\s()&|]+))/g;

type Put = (line: Record<string, unknown>) => void;

function ofJson(pattern: string): string[] {
  const found = [...pattern.matchAll(CONDITION)].map(({ groups = {} }) => groups);
  const choices = [...new Set(found.map(({ selector = "" }) => selector))].map((selector): Put[] => {
    const values = found.filter((one) => one.selector === selector).flatMap(valuesOf);
    return [
      ...values.map(
        (value): Put =>
          (line) =>
            put(line, selector, value),
      ),
      () => {},
    ];
  });
  return combined(choices).map((puts) => {
    const line = {};
    for (const one of puts) one(line);
    return JSON.stringify(line);
  });
}

function valuesOf(groups: Readonly<Partial<Record<string, string>>>): unknown[] {
  const { mark, word } = groups;
  if (mark === "NOT") return ["there"];
  if (mark === "IS") return [true, false, null];
  const number = Number(word ?? Number.NaN);
  return Number.isFinite(number) ? [number, number + 1, number - 1] : [...textsOf(groups), "another"];
}

/** Texts that an operand stands for: `*` is any part of one. */
function textsOf({ quoted, regex, word }: Readonly<Partial<Record<string, string>>>): string[] {
  if (regex !== undefined) return matching(regex);
  const text = quoted?.replaceAll(/\\(.)/g, "$1") ?? word ?? "";
  return [text.replaceAll("*", "x"), text.replaceAll("*", "1")];
}

function put(line: Record<string, unknown>, selector: string, value: unknown): void {
  const steps = stepsOf(selector).map((step) => (step === "*" ? "0" : step));
  let at: Record<string, unknown> = line;
  for (const [index, key] of steps.entries()) {
    const next = steps[index + 1];
    if (next === undefined) at[key] = value;
    else {
      at[key] ??= /^\d+$/.test(next) ? [] : {};
      at = at[key] as Record<string, unknown>;
    }
  }
}

function ofFields(pattern: string): string[] {
  const named = pattern.trim().slice(1, -1).split(",");
  const choices = named.map((text): string[] => {
    if (text.trim() === "...") return [""];
    const operands = [...text.matchAll(/(?:!=|<=|>=|[=<>])\s*(?:"([^"]*)"|%([^%]+)%|([^\s&|]+))/g)];
    const values = operands.flatMap(([, quoted, regex, word]) =>
      valuesOf({ mark: "=", quoted, regex, word }).map(String),
    );
    return [...values, "-"].map((one) => (/\s/.test(one) ? `"${one}"` : one));
  });
  return combined(choices).map((parts) => parts.filter((part) => part !== "").join(" "));
}

function ofWords(pattern: string): string[] {
  const words = [...pattern.matchAll(/([?-])?(?:"((?:[^"\\]|\\.)*)"|%([^%]+)%|([^\s"%]+))/g)];
  const texts = words
    .filter(([, mark]) => mark !== "-")
    .map(([, , quoted, regex, word]) =>
      textsOf({ quoted, regex, ...(word && { word: word.replaceAll("*", "x") }) }),
    );
  const all = combined(texts).map((parts) => parts.join(" "));
  return [...all, ...texts.flat()];
}

/** Texts of which one may match an expression: its marks taken out, each class and each choice by its first. */
function matching(regex: string): string[] {
  const plain = (digit: string) =>
    regex
      .replaceAll(/\\d/g, digit)
      .replaceAll(/\\w/g, "a")
      .replaceAll(/\\s/g, " ")
      .replaceAll(/\[\^[^\]]*\]/g, "~")
      .replaceAll(/\[([^\]])[^\]]*\]/g, "$1")
      .replaceAll(/\(([^()|]*)(?:\|[^()]*)?\)/g, "$1")
      .replaceAll(/\{\d+(?:,\d*)?\}/g, "")
      .replaceAll(/(?<!\\)[*+?^$]/g, "")
      .replaceAll(/(?<!\\)\./g, "x")
      .replaceAll(/\\(.)/g, "$1");
  const repeated = regex.replaceAll(
    /(\\.|\[[^\]]*\]|[^\\\]])\{(\d+)(?:,\d*)?\}/g,
    (_, one: string, times: string) => one.repeat(Number(times)),
  );
  return repeated === regex ? [plain("1"), plain("5")] : [...matching(repeated), plain("1")];
}

/** One of each, in every combination, as many as are tried. */
function combined<T>(choices: readonly (readonly T[])[]): T[][] {
  return choices.reduce<T[][]>(
    (all, one) => all.flatMap((before) => one.map((value) => [...before, value])).slice(0, MOST),
    [[]],
  );
}
