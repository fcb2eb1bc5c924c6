/** A name in SQL, as PostgreSQL takes one in quotes: letter by letter. */
export function sqlName(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}
