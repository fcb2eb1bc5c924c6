import { regexOf } from "./regex";

/**
 * A word of letters, digits and `_`, anything else in quotes, or an expression between percent signs; `?` and `-` may
 * stand before it. CloudWatch Logs refuses quotes with nothing in them, and other signs without quotes.
 */
const WORD =
  /\s*(?<!\w)(?:(?<mark>[?-])\s*)?(?:"(?<quoted>(?:[^"\\]|\\.)+)"|%(?<regex>[^%]+)%|(?<word>\w+))/y;

/**
 * Every word has to be in the line, those after `-` must not, and of those after `?` one is enough. Beside a word without
 * a mark, those after `?` say nothing. Undefined where it cannot be read.
 */
export function wordsPattern(pattern: string): ((line: string) => boolean) | undefined {
  const found: { readonly mark: string; readonly is: (line: string) => boolean }[] = [];
  const sticky = new RegExp(WORD);
  while (pattern.slice(sticky.lastIndex).trim() !== "") {
    const { groups } = sticky.exec(pattern) ?? {};
    const is = groups && within(groups);
    if (!is) return undefined;
    found.push({ mark: groups.mark ?? "", is });
  }
  const of = (mark: string) => found.filter((one) => one.mark === mark).map(({ is }) => is);
  const [all, some, none] = [of(""), of("?"), of("-")];
  return (line) =>
    all.every((is) => is(line)) &&
    (all.length > 0 || some.length === 0 || some.some((is) => is(line))) &&
    !none.some((is) => is(line));
}

function within({
  quoted,
  regex,
  word,
}: Readonly<Partial<Record<string, string>>>): ((line: string) => boolean) | undefined {
  if (regex === undefined) {
    const text = quoted?.replaceAll(/\\(.)/g, "$1") ?? word ?? "";
    return (line) => line.includes(text);
  }
  const expression = regexOf(regex);
  return expression && ((line) => expression.test(line));
}
