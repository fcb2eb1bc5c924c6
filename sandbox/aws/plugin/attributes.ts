import { isEmpty } from "../../plugin/diff";
import { type Inputs, specsOf } from "../../plugin/spec";
import type { Props } from "../../plugin/values";
import { nameOf } from "./api";

/** SNS and SQS take these inputs as one map of strings, by the service's names for them. */
export function toAttributes(inputs: Inputs, given: Props): Record<string, string> {
  const told = Object.entries(specsOf(inputs)).filter(([input]) => !isEmpty(given[input]));
  return Object.fromEntries(told.map(([input, spec]) => [nameOf(input, spec), String(given[input])]));
}

/** What differs, with the value that means "none" where an input is no longer given. */
export function changedAttributes(inputs: Inputs, news: Props, olds: Props): Record<string, string> {
  const changed = Object.entries(specsOf(inputs)).filter(([input]) => news[input] !== olds[input]);
  return Object.fromEntries(changed.map(([input, spec]) => [nameOf(input, spec), String(news[input] ?? "")]));
}

export function fromAttributes(inputs: Inputs, attributes: Props): Props {
  const found = Object.entries(specsOf(inputs)).map(([input, spec]) => {
    const value = attributes[nameOf(input, spec)];
    if (spec.kind === "number" && value !== undefined) return [input, Number(value)];
    return [input, spec.kind === "boolean" && value !== undefined ? value === "true" : value];
  });
  return Object.fromEntries(found);
}
