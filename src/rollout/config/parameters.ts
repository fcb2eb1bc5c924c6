/** Values that a rollout gives a name to, for queries, paths and bodies to refer to as `{name}`. */
export type Parameters = Readonly<Record<string, string | number | boolean>>;

const PLACEHOLDER = /\{([a-zA-Z][a-zA-Z0-9]*)\}/g;

/** Replaces `{name}` by the parameter. A value that is one placeholder keeps the parameter's type. */
export function fillIn<T extends string | number | boolean>(
  value: T,
  parameters: Parameters,
): string | number | boolean {
  if (typeof value !== "string") return value;
  const whole = /^\{([a-zA-Z][a-zA-Z0-9]*)\}$/.exec(value)?.[1];
  if (whole !== undefined && Object.hasOwn(parameters, whole)) return parameters[whole] ?? value;
  return value.replace(PLACEHOLDER, (text, name: string) =>
    Object.hasOwn(parameters, name) ? String(parameters[name]) : text,
  );
}

/** The names that a text refers to as `{name}`. */
export function placeholders(text: string): string[] {
  return [...text.matchAll(PLACEHOLDER)].map((match) => match[1] ?? "");
}
