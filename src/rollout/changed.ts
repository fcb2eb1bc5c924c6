import stringify from "safe-stable-stringify";

/** Every setting that is another one in AWS than is declared, or that nobody declared. */
export function changedIn(declared: object, { settings }: { readonly settings: object }): string[] {
  const given = declared as Readonly<Record<string, unknown>>;
  const found = settings as Readonly<Record<string, unknown>>;
  return [...new Set([...Object.keys(given), ...Object.keys(found)])].flatMap((key) => {
    const [wanted, seen] = [comparable(key, given[key]), comparable(key, found[key])];
    if (wanted === seen) return [];
    return [`${key} is ${seen ?? "not set"}, declared is ${wanted ?? "nothing"}`];
  });
}

/** What CloudWatch does where nothing is said: the same, whether it is said or not. */
const DEFAULTS: Readonly<Record<string, string>> = { evaluateLowSampleCountPercentiles: "evaluate" };

function comparable(key: string, value: unknown): string | undefined {
  if (value === undefined || value === null || value === "" || value === DEFAULTS[key]) return undefined;
  if (typeof value !== "object") return String(value);
  // The parts of math have ids, and no order.
  const text = stringify(Array.isArray(value) ? sortById(value) : value, (_, part) =>
    isEmpty(part) ? undefined : part,
  );
  return text === "[]" ? undefined : text;
}

/** No dimensions are none, however they are written. */
const isEmpty = (part: unknown) =>
  typeof part === "object" && part !== null && !Array.isArray(part) && Object.keys(part).length === 0;

const sortById = (parts: readonly { readonly id?: string }[]) =>
  [...parts].sort(({ id: a = "" }, { id: b = "" }) => (a < b ? -1 : 1));
