/** What a text in JSON says; undefined where it is none. The parser's own complaint would quote the text. */
export function jsonIn(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
