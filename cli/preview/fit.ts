/** A part of a comment: what opens and closes it, and lines that can be left out from the end. */
export interface Section {
  /** As the note about what is missing names it. */
  readonly name: string;
  readonly head: readonly string[];
  /** Each a line, or lines that only make sense together. */
  readonly items: readonly string[];
  readonly tail: readonly string[];
}

/** What the note about a cut may take. */
const NOTE_ROOM = 400;

/**
 * Puts sections together, in their order, and stays below `limit` characters. Where that is too little, the end is
 * cut off: between lines, so that tables and folds stay whole, and with a word about what is missing.
 */
export function within(sections: readonly Section[], limit: number, whole: string): string {
  const all = sections.map((section) => lines(section, section.items)).join("\n");
  if (all.length + 1 < limit) return `${all}\n`;
  const kept: string[] = [];
  let room = limit - NOTE_ROOM - whole.length;
  for (const [index, section] of sections.entries()) {
    const full = lines(section, section.items);
    if (full.length + 1 <= room) {
      kept.push(full);
      room -= full.length + 1;
      continue;
    }
    room -= lines(section, []).length + 1;
    const fitting: string[] = [];
    for (const item of section.items) {
      room -= item.length + 1;
      if (room < 0) break;
      fitting.push(item);
    }
    // The first section is kept in any case: it says what the comment is about.
    const begun = fitting.length > 0 || index === 0;
    if (begun) kept.push(lines(section, fitting));
    const gone = sections.slice(begun ? index + 1 : index).map(({ name }) => `all of "${name}"`);
    const words = [...(begun ? [`the end of "${section.name}"`] : []), ...gone].join(", ");
    kept.push(`\n> **Cut off here**, for length; left out: ${words.slice(0, 300)}. ${whole}`);
    break;
  }
  return `${kept.join("\n")}\n`;
}

function lines({ head, tail }: Section, items: readonly string[]): string {
  return [...head, ...items, ...tail].join("\n");
}
