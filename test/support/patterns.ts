/** One part of a pattern: a character, a class or a group, how often it repeats, and whether it may be nothing. */
interface Part {
  /** The parts of each alternative; empty for a single character. */
  readonly inside: readonly (readonly Part[])[];
  readonly quantifier: string;
  readonly unbounded: boolean;
  readonly optional: boolean;
}

/** What may be read again from each place, in characters. */
const LONGEST_BOUND = 300;

/**
 * The repetitions without a bound behind which something must still come, or that are repeated themselves: there a
 * pattern may go back over what it has read. One at the end of a pattern takes what it takes, once.
 */
export function unboundedBefore({ source }: RegExp): string[] {
  return found(parse(source), false, false);
}

function found(alternatives: readonly (readonly Part[])[], mustCome: boolean, repeated: boolean): string[] {
  return alternatives.flatMap((parts) =>
    parts.flatMap((part, index) => {
      const more = mustCome || parts.slice(index + 1).some(({ optional }) => !optional);
      const again = repeated || /^[*+{]/.test(part.quantifier);
      const own = part.unbounded && (more || repeated || holdsRepetition(part)) ? [part.quantifier] : [];
      return [...own, ...found(part.inside, more, part.inside.length > 0 && again)];
    }),
  );
}

const holdsRepetition = (part: Part): boolean =>
  part.inside.some((parts) => parts.some((one) => one.unbounded || holdsRepetition(one)));

function parse(source: string): Part[][] {
  let at = 0;
  const alternatives = (): Part[][] => {
    const all: Part[][] = [[]];
    while (at < source.length && source[at] !== ")") {
      if (source[at] === "|") {
        at++;
        all.push([]);
      } else all.at(-1)?.push(part());
    }
    return all;
  };
  const part = (): Part => {
    let inside: Part[][] = [];
    let nothing = false;
    const rest = source.slice(at);
    if (rest.startsWith("(")) {
      const head = /^\((?:\?(?:[:=!]|<[=!]))?/.exec(rest)?.[0] ?? "(";
      at += head.length;
      inside = alternatives();
      at++;
      // What looks ahead or back takes nothing; what is in it is held to the rule by itself.
      nothing = /[=!]$/.test(head);
    } else {
      const single = /^(?:\[(?:\\.|[^\]\\])*\]|\\[pP]\{[^}]*\}|\\.|[\s\S])/.exec(rest)?.[0] ?? "";
      nothing = single === "$" || single === "^" || single === "\\b";
      at += single.length;
    }
    const quantifier = /^(?:[*+?]|\{\d+(?:,\d*)?\})\??/.exec(source.slice(at))?.[0] ?? "";
    at += quantifier.length;
    const [, most] = /^\{\d+,(\d+)\}/.exec(quantifier) ?? [];
    // So far a pattern would go for each place where it may begin: a bound in name only.
    const unbounded = /^(?:[*+]|\{\d+,\})/.test(quantifier) || Number(most ?? 0) > LONGEST_BOUND;
    const optional =
      nothing ||
      /^(?:[*?]|\{0,)/.test(quantifier) ||
      inside.some((parts) => parts.every((one) => one.optional));
    return { inside, quantifier, unbounded, optional };
  };
  return alternatives();
}
