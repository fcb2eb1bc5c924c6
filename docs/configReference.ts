import { stackFileSchema } from "../src/rollout/config/jsonSchema";

/** As much of JSON Schema as zod writes. */
interface Schema {
  readonly type?: string | readonly string[];
  readonly description?: string;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly additionalProperties?: Schema | boolean;
  readonly items?: Schema;
  readonly enum?: readonly unknown[];
  readonly const?: unknown;
  readonly anyOf?: readonly Schema[];
  readonly oneOf?: readonly Schema[];
  readonly default?: unknown;
  readonly examples?: readonly unknown[];
  readonly minimum?: number;
  readonly maximum?: number;
}

/** The reference of stack files, written from the very schemas that they are parsed with. */
export function configReference(): string {
  const { properties = {} } = stackFileSchema() as Schema;
  const keys = properties.config?.properties ?? {};
  const gates = gateSources(keys["cutover:stage"]);
  const lines = [
    "# Reference: stack files",
    "",
    "Written by `npm run docs` from the schemas that `cutover` parses stack files with; editors complete from the same",
    "ones (`docs/reference/stack.schema.json`). Keys of the first stage's file: `cutover:rollout` and `cutover:stage`; of every",
    "other stage's: `cutover:stage`. Bearer tokens that gates send are secrets in keys of their own:",
    "`cutover:token-ROLE`.",
    "",
    ...Object.entries(keys).flatMap(([key, schema]) => section(key, schema, 2)),
    "## Gates",
    "",
    "Under `entry`, `smoke` and `exit` of a stage, and under `gates` of the rollout, each row is one of these, told",
    "apart by `source`.",
    "",
    ...gates.flatMap((gate) => section(`source: ${String(gate.properties?.source?.const)}`, gate, 3)),
  ];
  return `${lines
    .join("\n")
    .replaceAll(/\n{3,}/g, "\n\n")
    .trimEnd()}\n`;
}

function section(path: string, schema: Schema, depth: number): string[] {
  const rows = Object.entries(schema.properties ?? {});
  if (rows.length === 0) return [`${"#".repeat(depth)} \`${path}\``, "", sentence(schema), ""];
  return [
    `${"#".repeat(depth)} \`${path}\``,
    "",
    ...(schema.description ? [schema.description, ""] : []),
    "| key | value | default | what it means |",
    "| --- | --- | --- | --- |",
    ...rows.map(([key, value]) => {
      const otherwise = schema.required?.includes(key) ? "required" : shownDefault(value.default);
      return `| \`${key}\` | ${cell(kindOf(value))} | ${cell(otherwise)} | ${cell(sentence(value))} |`;
    }),
    "",
    ...rows.flatMap(([key, value]) => {
      const inner = innerOf(value);
      return inner ? section(`${path}.${key}${inner.suffix}`, inner.schema, Math.min(6, depth + 1)) : [];
    }),
  ];
}

/** What a key holds that has keys of its own. Gates have a chapter to themselves. */
function innerOf(schema: Schema): { readonly schema: Schema; readonly suffix: string } | undefined {
  if (schema.properties) return { schema, suffix: "" };
  const { additionalProperties: each, items } = schema;
  if (typeof each === "object" && each.properties) return { schema: each, suffix: ".*" };
  if (items?.properties) return { schema: items, suffix: "[]" };
  return undefined;
}

function kindOf(schema: Schema): string {
  if (schema.enum) return schema.enum.map((value) => code(value)).join(", ");
  if (schema.const !== undefined) return code(schema.const);
  const options = schema.anyOf ?? schema.oneOf;
  if (options) return [...new Set(options.map(kindOf))].join(" or ");
  if (schema.type === "array") return `list of ${kindOf(schema.items ?? {})}`;
  if (typeof schema.additionalProperties === "object") {
    const { additionalProperties: each } = schema;
    return each.oneOf?.[0]?.properties?.source ? "[gates](#gates) by row id" : `map of ${kindOf(each)}`;
  }
  if (schema.type === "integer") {
    const { minimum, maximum = Number.MAX_SAFE_INTEGER } = schema;
    const bounded =
      minimum !== undefined && minimum > Number.MIN_SAFE_INTEGER && maximum < Number.MAX_SAFE_INTEGER;
    return bounded ? `whole number, ${minimum}–${maximum}` : "whole number";
  }
  const types = [schema.type ?? "anything"].flat();
  return types.map((type) => WORDS[type] ?? type).join(" or ");
}

const WORDS: Readonly<Record<string, string>> = { string: "text", object: "keys below" };

function sentence({ description = "", examples = [] }: Schema): string {
  const shown = examples.map((example) => code(example)).join(", ");
  return [description, shown && `Such as ${shown}.`].filter((part) => part !== "").join(" ");
}

function shownDefault(value: unknown): string {
  if (value === undefined || value === "") return "";
  return typeof value === "object" && value !== null && Object.keys(value).length === 0
    ? "none"
    : code(value);
}

function code(value: unknown): string {
  return `\`${typeof value === "string" ? value : JSON.stringify(value)}\``;
}

function cell(text: string): string {
  return text.replaceAll(/\s+/g, " ").replaceAll("|", "\\|");
}

function gateSources(stage: Schema | undefined): readonly Schema[] {
  const each = stage?.properties?.entry?.additionalProperties;
  return typeof each === "object" ? (each.oneOf ?? each.anyOf ?? []) : [];
}
