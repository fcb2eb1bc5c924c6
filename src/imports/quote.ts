/**
 * Names and values as SQL. A dollar sign is escaped, too: these texts go into function bodies, which providers send
 * between dollar quotes.
 */

/** A name, so that nothing in it is read as SQL. */
export function ident(name: string): string {
  const doubled = name.replaceAll('"', '""');
  if (!/[\\$]/.test(name)) return `"${doubled}"`;
  return `U&"${doubled.replaceAll("\\", "\\\\").replaceAll("$", "\\0024")}"`;
}

/** A text value, so that nothing in it is read as SQL. */
export function literal(value: string): string {
  const doubled = value.replaceAll("'", "''");
  if (!/[\\$]/.test(value)) return `'${doubled}'`;
  return `E'${doubled.replaceAll("\\", "\\\\").replaceAll("$", "\\x24")}'`;
}
