const PLACEHOLDER = /\{([a-zA-Z][a-zA-Z0-9]*)\}/g;

/** Replaces `{name}` by the value that is given for it. A text that is one placeholder becomes that value, of its own type. */
export function fillIn<T extends string | number | boolean>(
  value: T,
  given: Readonly<Record<string, string | number | boolean>>,
): string | number | boolean {
  if (typeof value !== "string") return value;
  const whole = /^\{([a-zA-Z][a-zA-Z0-9]*)\}$/.exec(value)?.[1];
  if (whole !== undefined && Object.hasOwn(given, whole)) return given[whole] ?? value;
  return value.replace(PLACEHOLDER, (text, name: string) =>
    Object.hasOwn(given, name) ? String(given[name]) : text,
  );
}

/** The names that a text refers to as `{name}`. */
export function placeholders(text: string): string[] {
  return [...text.matchAll(PLACEHOLDER)].map((match) => match[1] ?? "");
}

/** What a path is held to whose names in braces stand for values: one that no value can have would be sent as it stands. */
export const wellNamed = [
  (path: string) => !/\{[\w.-]+\}/.test(path.replaceAll(PLACEHOLDER, "")),
  "a path whose names in braces are of letters and digits alone, such as {workspace}; another brace is %7B or %7D",
] as const;
