import { isEmpty } from "../../plugin/diff";
import { type Inputs, specsOf } from "../../plugin/spec";
import type { Props } from "../../plugin/values";

/** SNS and SQS take their settings as one map of strings; `names` says under which name each input goes. */
export type AttributeNames = Readonly<Record<string, string>>;

export function toAttributes(names: AttributeNames, inputs: Props): Record<string, string> {
  const given = Object.entries(names).filter(([input]) => !isEmpty(inputs[input]));
  return Object.fromEntries(given.map(([input, name]) => [name, String(inputs[input])]));
}

/** What differs, with the value that means "none" where an input is no longer given. */
export function changedAttributes(names: AttributeNames, news: Props, olds: Props): Record<string, string> {
  const changed = Object.entries(names).filter(([input]) => news[input] !== olds[input]);
  return Object.fromEntries(
    changed.map(([input, name]) => [name, isEmpty(news[input]) ? "" : String(news[input])]),
  );
}

export function fromAttributes(inputs: Inputs, names: AttributeNames, attributes: Props): Props {
  const specs = specsOf(inputs);
  const found = Object.entries(names).filter(([, name]) => attributes[name] !== undefined);
  return Object.fromEntries(
    found.map(([input, name]) => {
      const value = attributes[name] as string;
      if (specs[input]?.kind === "number") return [input, Number(value)];
      return [input, specs[input]?.kind === "boolean" ? value === "true" : value];
    }),
  );
}
