import { distance } from "fastest-levenshtein";

/** More letters than this are no slip. */
const SLIP = 4;

/** The known words that a person may have meant, in whatever case: the nearest ones, where they are near enough. */
export function nearest(word: string, known: readonly string[]): string[] {
  const far = known.map((name) => distance(name.toLowerCase(), word.toLowerCase()));
  const least = Math.min(SLIP, ...far);
  // Of a short word, nearly all other short words are three letters away.
  return known.filter(
    (name, index) => far[index] === least && least <= Math.floor(Math.max(word.length, name.length) / 2),
  );
}

/** A remedy that begins with the words that a person may have meant: `Did you mean READ? Known flags: …`. */
export function meant(word: string, known: readonly string[], remedy: string): string {
  return [...nearest(word, known).map((near) => `Did you mean ${near}?`), remedy].join(" ");
}
