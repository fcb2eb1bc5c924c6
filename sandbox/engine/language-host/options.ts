/** The options of `runtime:` in Pulumi.yaml and PulumiPolicy.yaml that this host honours. */
export interface RuntimeOptions {
  /** Whether the SDK compiles TypeScript itself, with ts-node; true unless switched off. */
  readonly typescript: boolean;
  /** Another tsconfig.json for ts-node. */
  readonly tsconfig?: string;
  /** Arguments for Node itself, such as `--import tsx`. */
  readonly nodeargs: readonly string[];
}

/**
 * Reads the options. One that is unknown is refused: a program that runs differently here than under
 * the official host would be a trap.
 */
export function parseOptions(options: Readonly<Record<string, unknown>>): RuntimeOptions {
  const { typescript = true, tsconfig, nodeargs = "", packagemanager, production, ...unknown } = options;
  const names = Object.keys(unknown);
  if (names.length > 0)
    throw new Error(`unknown runtime option ${names.map((name) => `"${name}"`).join(", ")}`);
  if (typeof typescript !== "boolean") throw new Error('runtime option "typescript" must be a boolean');
  if (typeof nodeargs !== "string") throw new Error('runtime option "nodeargs" must be a string');
  if (tsconfig !== undefined && typeof tsconfig !== "string") {
    throw new Error('runtime option "tsconfig" must be a string');
  }
  return { typescript, nodeargs: splitWords(nodeargs), ...(tsconfig === undefined ? {} : { tsconfig }) };
}

/** Splits as a POSIX shell does, as far as quotes and backslashes go. */
export function splitWords(text: string): string[] {
  const words: string[] = [];
  let word: string | undefined;
  let quote = "";
  for (let i = 0; i < text.length; i++) {
    const char = text.charAt(i);
    if (char === "\\" && quote !== "'") {
      word = (word ?? "") + text.charAt(++i);
    } else if (quote !== "") {
      if (char === quote) quote = "";
      else word = (word ?? "") + char;
    } else if (char === '"' || char === "'") {
      quote = char;
      word ??= "";
    } else if (/\s/.test(char)) {
      if (word !== undefined) words.push(word);
      word = undefined;
    } else {
      word = (word ?? "") + char;
    }
  }
  if (quote !== "") throw new Error(`runtime option "nodeargs" has an unclosed ${quote}`);
  if (word !== undefined) words.push(word);
  return words;
}
