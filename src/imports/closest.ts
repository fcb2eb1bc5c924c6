import { distance } from "fastest-levenshtein";

/** The candidate that somebody probably meant, or undefined where none is near. */
export function closest(name: string, candidates: readonly string[]): string | undefined {
  const far = (candidate: string) => distance(name.toLowerCase(), candidate.toLowerCase());
  const [best] = [...candidates].sort((a, b) => far(a) - far(b) || (a < b ? -1 : 1));
  if (best === undefined) return undefined;
  return far(best) <= Math.ceil(Math.max(name.length, best.length) / 2) - 1 ? best : undefined;
}
