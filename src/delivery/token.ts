/** No platform's token has as many characters; a header of many thousands is refused before anybody reads it. */
const LONGEST = 1_000;

/**
 * What is wrong with a token that is sent in a header, in words that do not quote it; undefined where nothing is. One that no
 * header can hold is no better at the next try, and the error about it would quote it.
 */
export function tokenProblem(token: string): string | undefined {
  if (token === "") return "is empty";
  if (/\s/.test(token)) return "is more than one word: a token has no blanks, and one line";
  if (!/^[!-~]+$/.test(token)) return "is no token: it has characters that no header holds";
  if (token.length > LONGEST)
    return `is longer than ${LONGEST.toLocaleString("en")} characters, as no token is`;
  return undefined;
}
