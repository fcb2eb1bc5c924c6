/**
 * Property values as they cross the engine's wire.
 *
 * The signatures are the engine's protocol. `@pulumi/pulumi` has them too, but importing it would load the
 * whole SDK into every plugin start (0.3 s each, several starts per `up`).
 */
export const UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";
export const SIGNATURE = "4dabf18193072939515e22adb298388d";
const SECRET = "1b47061264138c4ac30d75fd1eb44270";
export const ASSET = "c44067f5952c0a294b673a41bacd8c17";
export const ARCHIVE = "0def7320c3a5731c473e5ecbe6d01bc7";

export type Props = Record<string, unknown>;

/** What a JSON text says; `otherwise` where it is none. */
export function parsed(text: string, otherwise: unknown): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return otherwise;
  }
}

export function isObject(value: unknown): value is Props {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function isSecret(value: unknown): value is { value: unknown } {
  return isObject(value) && value[SIGNATURE] === SECRET;
}

export function isArchive(value: unknown): value is Props {
  return isObject(value) && value[SIGNATURE] === ARCHIVE;
}

/** The value without its secret wrappings, and without nulls: the engine means "absent" by them. */
function open(value: unknown): unknown {
  if (isSecret(value)) return open(value.value);
  if (Array.isArray(value)) return value.map(open);
  if (!isObject(value)) return value;
  return openProps(value);
}

export function openProps(props: Props): Props {
  const entries = Object.entries(props).map(([key, value]) => [key, open(value)] as const);
  return Object.fromEntries(entries.filter(([, value]) => value !== undefined && value !== null));
}

/** Marks in `value` as secret what is secret at the same place in one of `models`. */
export function seal(value: unknown, ...models: unknown[]): unknown {
  if (value === undefined || value === null) return value;
  if (models.some(isSecret)) return { [SIGNATURE]: SECRET, value };
  if (Array.isArray(value)) {
    return value.map((item, i) => seal(item, ...models.filter(Array.isArray).map((model) => model[i])));
  }
  if (!isObject(value)) return value;
  const parts = models.filter(isObject);
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => [key, seal(item, ...parts.map((part) => part[key]))]),
  );
}

export function secret(value: unknown): unknown {
  return value === undefined || value === null ? value : { [SIGNATURE]: SECRET, value };
}

/** Every string inside a secret, so that error texts can be cleared of them. */
export function secretTexts(value: unknown, inside = false): string[] {
  if (isSecret(value)) return secretTexts(value.value, true);
  if (typeof value === "string") return inside && value !== UNKNOWN && value.length > 2 ? [value] : [];
  if (Array.isArray(value)) return value.flatMap((item) => secretTexts(item, inside));
  return isObject(value) ? Object.values(value).flatMap((item) => secretTexts(item, inside)) : [];
}
