import { jsonIn } from "../../text/json";
import { regexOf } from "./regex";

/** Whether a line matches; one that is no JSON matches no condition. */
type Matcher = (line: unknown) => boolean;

/** A piece of a condition, the first that fits. Source: CloudWatch Logs user guide, "Filter pattern syntax". */
const PIECE =
  /\s*(?:(?<selector>\$(?:\.?\[(?:\d+|\*|'[^']*'|"[^"]*")\]|\.[\w-]+)+)|(?<mark>&&|\|\||!=|<=|>=|[=<>()])|"(?<quoted>(?:[^"\\]|\\.)*)"|%(?<regex>[^%]+)%|(?<word>[\w.*:/+-]+))/y;

type Piece = Readonly<Partial<Record<"selector" | "mark" | "quoted" | "regex" | "word", string>>>;

/** What a pattern in braces matches; undefined where it is no condition that can be read. */
export function jsonPattern(pattern: string): ((message: string) => boolean) | undefined {
  const inner = /^\s*\{(.*)\}\s*$/s.exec(pattern)?.[1];
  const pieces = inner === undefined ? undefined : piecesOf(inner);
  const matches = pieces && new Reading(pieces).whole();
  return matches && ((message) => matches(jsonIn(message)));
}

function piecesOf(text: string): Piece[] | undefined {
  const found: Piece[] = [];
  const sticky = new RegExp(PIECE);
  while (text.slice(sticky.lastIndex).trim() !== "") {
    const { groups } = sticky.exec(text) ?? {};
    if (!groups) return undefined;
    found.push(groups);
  }
  return found;
}

/** Reads a condition from left to right: `||` binds less than `&&`. Every part is undefined where it cannot be read. */
class Reading {
  private at = 0;

  constructor(private readonly pieces: readonly Piece[]) {}

  whole(): Matcher | undefined {
    const found = this.any();
    return this.at === this.pieces.length ? found : undefined;
  }

  private any(): Matcher | undefined {
    return this.joined(
      "||",
      () => this.all(),
      (parts) => (line) => parts.some((part) => part(line)),
    );
  }

  private all(): Matcher | undefined {
    return this.joined(
      "&&",
      () => this.one(),
      (parts) => (line) => parts.every((part) => part(line)),
    );
  }

  private joined(
    mark: string,
    read: () => Matcher | undefined,
    join: (parts: readonly Matcher[]) => Matcher,
  ): Matcher | undefined {
    const parts: Matcher[] = [];
    do {
      const part = read();
      if (!part) return undefined;
      parts.push(part);
    } while (this.takes({ mark }));
    return join(parts);
  }

  private one(): Matcher | undefined {
    if (this.takes({ mark: "(" })) {
      const inner = this.any();
      return this.takes({ mark: ")" }) ? inner : undefined;
    }
    const { selector } = this.pieces[this.at++] ?? {};
    if (selector === undefined) return undefined;
    const holds = this.condition();
    return holds && ((line) => holds(selectedIn(line, selector)));
  }

  /** What is asked of the values that were selected; there may be none. */
  private condition(): ((values: readonly unknown[]) => boolean) | undefined {
    if (this.takes({ word: "NOT" }))
      return this.takes({ word: "EXISTS" }) ? (values) => values.length === 0 : undefined;
    if (this.takes({ word: "IS" })) {
      const wanted = WORDS.get(this.pieces[this.at++]?.word ?? "");
      return wanted && ((values) => values.includes(wanted.value));
    }
    const { mark = "" } = this.pieces[this.at++] ?? {};
    const operand = this.pieces[this.at++] ?? {};
    const compares = comparison(mark, operand);
    return compares && ((values) => values.some(compares));
  }

  private takes(wanted: Piece): boolean {
    const piece = this.pieces[this.at];
    const is =
      piece !== undefined &&
      Object.entries(wanted).every(([part, text]) => piece[part as keyof Piece] === text);
    if (is) this.at++;
    return is;
  }
}

const WORDS = new Map([
  ["NULL", { value: null }],
  ["TRUE", { value: true }],
  ["FALSE", { value: false }],
]) as ReadonlyMap<string, { readonly value: unknown }>;

const NUMBERS: Readonly<Record<string, (one: number, other: number) => boolean>> = {
  "=": (one, other) => one === other,
  "!=": (one, other) => one !== other,
  "<": (one, other) => one < other,
  "<=": (one, other) => one <= other,
  ">": (one, other) => one > other,
  ">=": (one, other) => one >= other,
};

/** A number is compared with numbers, a text with texts; `*` stands for any part of one. */
export function comparison(
  mark: string,
  { quoted, word, regex }: Pick<Piece, "quoted" | "word" | "regex">,
): ((value: unknown) => boolean) | undefined {
  const number = word === undefined || word === "" ? Number.NaN : Number(word);
  const compare = NUMBERS[mark];
  if (!compare) return undefined;
  if (Number.isFinite(number)) return (value) => typeof value === "number" && compare(value, number);
  if (mark !== "=" && mark !== "!=") return undefined;
  const wanted = quoted?.replaceAll(/\\(.)/g, "$1") ?? word;
  // Whatever is there: so AWS's CDK writes that a field exists.
  if (wanted === "*" && mark === "=") return () => true;
  const text = regex === undefined ? textPattern(wanted) : regexOf(regex);
  return text && ((value) => typeof value === "string" && text.test(value) === (mark === "="));
}

function textPattern(text: string | undefined): RegExp | undefined {
  if (text === undefined) return undefined;
  const parts = text.split("*").map((part) => part.replaceAll(/[.*+?^${}()|[\]\\]/g, "\\$&"));
  return new RegExp(`^${parts.join(".*")}$`, "s");
}

/** The values that a selector such as `$.users[0].name` finds in a line of JSON. */
export const selected = (message: string, selector: string): readonly unknown[] =>
  selectedIn(jsonIn(message), selector);

/** The same of what was read of it: several values where it goes through all of a list. */
function selectedIn(line: unknown, selector: string): readonly unknown[] {
  return stepsOf(selector).reduce<readonly unknown[]>(
    (values, step) =>
      values.flatMap((value) => {
        if (typeof value !== "object" || value === null) return [];
        if (step === "*") return Array.isArray(value) ? value : [];
        return Object.hasOwn(value, step) ? [(value as Record<string, unknown>)[step]] : [];
      }),
    line === undefined ? [] : [line],
  );
}

/** The keys and indices that a selector goes along, `*` for all of a list. */
export function stepsOf(selector: string): string[] {
  return [...selector.matchAll(/\[(\d+|\*|'[^']*'|"[^"]*")\]|\.([\w-]+)/g)].map(
    ([, index, name]) => name ?? index?.replaceAll(/^['"]|['"]$/g, "") ?? "",
  );
}
