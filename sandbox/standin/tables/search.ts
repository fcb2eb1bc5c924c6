/** Something that a search has found, and how far it is from what is wanted. 0 is there. */
export interface Found<S> {
  readonly state: S;
  readonly distance: number;
}

interface Node<S> extends Found<S> {
  readonly moves: Iterator<S>;
}

/**
 * Looks for a state at distance 0, from the nearest one that is known: what brings it nearer is followed at once, and
 * what does not is kept for later. The same start and moves make the same search.
 *
 * @param budget states that are looked at
 * @param patience states that are looked at after the last one that was nearer than all before, by how far that is
 */
export async function search<S>({
  start,
  moves,
  distance,
  budget,
  patience,
}: {
  readonly start: S;
  readonly moves: (state: S) => Iterable<S>;
  readonly distance: (state: S) => Promise<number>;
  readonly budget: number;
  readonly patience: (distance: number) => number;
}): Promise<Found<S>> {
  const seen = new Set<string>();
  const look = async (state: S): Promise<Node<S> | undefined> => {
    const key = JSON.stringify(state);
    if (seen.has(key)) return undefined;
    seen.add(key);
    const far = await distance(state);
    return { state, distance: far, moves: moves(state)[Symbol.iterator]() };
  };
  const first = (await look(start)) as Node<S>;
  let best: Found<S> = first;
  let sinceBest = 0;
  const open: Node<S>[] = [first];
  while (best.distance > 0 && seen.size < budget && sinceBest < patience(best.distance)) {
    const [node] = open;
    if (!node) break;
    const next = node.moves.next();
    if (next.done) {
      open.shift();
      continue;
    }
    const found = await look(next.value);
    if (!found) continue;
    sinceBest++;
    if (found.distance < best.distance) {
      best = found;
      sinceBest = 0;
    }
    // Of several that are as far, the one that was found first comes first.
    const at = open.findIndex((one) => one.distance > found.distance);
    open.splice(at === -1 ? open.length : at, 0, found);
  }
  return { state: best.state, distance: best.distance };
}
