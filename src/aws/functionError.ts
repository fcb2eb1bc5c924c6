import { isObject, jsonIn } from "../text/json";

/** What a function failed with, by what Lambda says in the place of an answer; undefined where it says nothing. */
export function functionError(payload: string): string | undefined {
  const said = jsonIn(payload);
  const { errorType, errorMessage } = isObject(said) ? said : {};
  return [errorType, errorMessage].filter(Boolean).join(": ") || undefined;
}
