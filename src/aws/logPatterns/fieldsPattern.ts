import { comparison } from "./jsonPattern";

/** What is asked of one field, by its text. */
type Field = (text: string) => boolean;

/** `status=5*`, `bytes>=100`, a name alone, or none. Several of one field are joined by `&&` or `||`. */
const CONDITION =
  /^\s*(?:[\w$.-]+\s*(?:(?<mark>!=|<=|>=|[=<>])\s*(?:"(?<quoted>[^"]*)"|%(?<regex>[^%]+)%|(?<word>[!#$&-~]+)))?)?\s*$/;
/** A field of a line: between blanks, or all that stands in brackets or quotes. */
const PART = /\[[^\]]*\]|"[^"]*"|\S+/g;

/**
 * What a pattern in brackets matches: a line of exactly so many fields, each as is asked of it; `...` stands for any number
 * of them. Undefined where it cannot be read.
 */
export function fieldsPattern(pattern: string): ((line: string) => boolean) | undefined {
  const inner = /^\s*\[(.*)\]\s*$/s.exec(pattern)?.[1];
  if (inner === undefined || inner.trim() === "") return undefined;
  const named = cut(inner, ",").map((one) => one.trim());
  const gap = named.indexOf("...");
  const before = read(gap < 0 ? named : named.slice(0, gap));
  const behind = read(gap < 0 ? [] : named.slice(gap + 1));
  if (!before || !behind) return undefined;
  return (line) => {
    const parts = [...line.matchAll(PART)].map(([text]) => text.replaceAll(/^[["]|[\]"]$/g, ""));
    const asked = before.length + behind.length;
    if (gap < 0 ? parts.length !== asked : parts.length < asked) return false;
    const rest = parts.slice(parts.length - behind.length);
    return (
      before.every((field, at) => field(parts[at] ?? "")) &&
      behind.every((field, at) => field(rest[at] ?? ""))
    );
  };
}

/** The parts between marks, but for those within quotes and expressions. */
function cut(text: string, mark: "," | "||" | "&&"): string[] {
  const parts = [""];
  for (const [piece] of text.matchAll(/"[^"]*"|%[^%]*%|\|\||&&|./gs)) {
    if (piece === mark) parts.push("");
    else parts[parts.length - 1] += piece;
  }
  return parts;
}

function read(named: readonly string[]): Field[] | undefined {
  const fields = named.map(fieldOf);
  return fields.every((field) => field !== undefined) ? (fields as Field[]) : undefined;
}

function fieldOf(text: string): Field | undefined {
  const joined = (mark: string, parts: readonly string[]): Field | undefined => {
    const all = read(parts);
    if (!all) return undefined;
    return mark === "||"
      ? (value) => all.some((one) => one(value))
      : (value) => all.every((one) => one(value));
  };
  for (const mark of ["||", "&&"] as const) {
    const parts = cut(text, mark);
    if (parts.length > 1) return joined(mark, parts);
  }
  const { groups } = CONDITION.exec(text) ?? {};
  if (!groups) return undefined;
  const { mark, ...operand } = groups;
  if (mark === undefined) return () => true;
  const compares = comparison(mark, operand);
  // A field is a text: one that is a number is compared as one.
  return compares && ((value) => compares(value) || (value.trim() !== "" && compares(Number(value))));
}
