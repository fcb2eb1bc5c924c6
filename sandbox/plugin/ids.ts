/** The parts of an id as the official plugin writes it, so that an import by id reads the same in both. */
export function partsOf(id: string, separator: string, form: string): string[] {
  const parts = id.split(separator);
  if (parts.length === form.split(separator).length) return parts;
  throw new Error(`an id must have the form ${form}, not ${id}`);
}
