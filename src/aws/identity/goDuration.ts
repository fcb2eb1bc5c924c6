const UNITS: Readonly<Record<string, number>> = { h: 3_600, m: 60, s: 1, ms: 1e-3 };
const PART = /(\d+(?:\.\d+)?)(h|ms|m|s)/g;

/** A length of time as Go writes it, such as `1h30m`, or a bare number of seconds. In seconds; undefined for no length. */
export function goSeconds(text: string): number | undefined {
  if (/^\d+$/.test(text)) return Number(text);
  if (!/^(\d+(\.\d+)?(h|ms|m|s))+$/.test(text)) return undefined;
  return [...text.matchAll(PART)].reduce(
    (sum, [, count, unit]) => sum + Number(count) * (UNITS[unit ?? ""] ?? 0),
    0,
  );
}
