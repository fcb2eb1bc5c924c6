import { partsOf } from "../../../plugin/ids";

/** Reads ids as the official plugin writes them, into a key: of each part its name in calls, and in the form. */
export function idOf<K extends string>(separator: string, parts: Readonly<Record<K, string>>) {
  const names = Object.keys(parts) as K[];
  return (id: string): Record<K, string> => {
    const found = partsOf(id, separator, Object.values<string>(parts).join(separator));
    return Object.fromEntries(names.map((name, i) => [name, found[i]])) as Record<K, string>;
  };
}
