import { search } from "@aws-lambda-powertools/jmespath";
import { wordsOf } from "./jmespath";
import { lackOf } from "./lacks";

/** One value, as JSON has it. */
export type Scalar = string | number | boolean;

/** What an expression finds, or why there is nothing. */
export type Asked<Value = Scalar> =
  | { readonly value: Value; readonly lacks?: undefined }
  | { readonly value?: undefined; readonly lacks: string };

/**
 * Asks an answer. A list or an object is no value: only what can be compared is; and nothing is where the answer lacks what
 * the expression goes by.
 */
export function ask(value: string, json: unknown): Asked {
  const asked = askAny(value, json);
  return Array.isArray(asked.value) ? { lacks: `its ${value} is a list` } : (asked as Asked);
}

/** The same, where a list of values will do: an empty one, too. */
export function askAny(value: string, json: unknown): Asked<Scalar | readonly Scalar[]> {
  if (json === undefined) return { lacks: "it is no JSON" };
  try {
    const found: unknown = search(value, json as Parameters<typeof search>[1]);
    if (found === undefined || found === null || found === "") return { lacks: `it holds no ${value}` };
    const lacks = lackOf(value, json);
    if (lacks !== undefined) return { lacks };
    if (isScalar(found)) return { value: found };
    if (Array.isArray(found))
      return found.every(isScalar)
        ? { value: found }
        : { lacks: `its ${value} is a list of more than values` };
    return { lacks: `its ${value} is an object` };
  } catch (error) {
    return { lacks: `it holds no ${value} (${wordsOf(error)})` };
  }
}

function isScalar(found: unknown): found is Scalar {
  return typeof found === "string" || typeof found === "number" || typeof found === "boolean";
}
