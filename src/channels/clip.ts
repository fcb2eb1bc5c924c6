/** A text of at most so many UTF-16 units, which is what tools count; no character is cut in half. */
export function clip(text: string, limit: number): string {
  if (text.length <= limit) return text;
  const cut = text.slice(0, limit - 1);
  const half = /[\uD800-\uDBFF]$/.test(cut);
  return `${half ? cut.slice(0, -1) : cut}…`;
}

/** The same for a text that grows as it is escaped: what is cut is the text, never an escape. */
export function clipEscaped(text: string, limit: number, escaped: (text: string) => string): string {
  let kept = clip(text, limit);
  for (let shown = escaped(kept); shown.length > limit; shown = escaped(kept))
    kept = clip(kept, Math.max(1, kept.length - Math.ceil((shown.length - limit) / 5)));
  return escaped(kept);
}
