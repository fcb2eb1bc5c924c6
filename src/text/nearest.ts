import { distance } from "fastest-levenshtein";

/** The known words that a person may have meant: the nearest ones, where they are near enough. */
export function nearest(word: string, known: readonly string[]): string[] {
  const far = known.map((name) => distance(name, word));
  const least = Math.min(...far);
  // Of a short word, nearly all other short words are three letters away.
  if (!(least <= Math.min(3, Math.floor(word.length / 2)))) return [];
  return known.filter((_, index) => far[index] === least);
}
