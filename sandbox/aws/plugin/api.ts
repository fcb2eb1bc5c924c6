import { isEmpty } from "../../plugin/diff";
import { type Inputs, type Spec, type Specs, specsOf, type Values } from "../../plugin/spec";
import type { Row } from "../../plugin/table";
import { isObject, type Props } from "../../plugin/values";
import { type AwsTagging, type MapForm, pairs } from "./row";
import type { Aws } from "./session";

/** `kmsKeyArn` is KmsKeyArn, `dbSnapshotArn` DBSnapshotArn: AWS's own way, from which few names differ. */
const capital = (name: string) => (name.charAt(0).toUpperCase() + name.slice(1)).replace(/Db(?=[A-Z])/, "DB");

/** The service's own word for an input. */
export const nameOf = (name: string, { traits }: Spec) => (traits.api ? traits.api : capital(name));

/** Inputs in the service's words; what is not given is left out, or in an update said to be none. */
export function toApi(inputs: Inputs, given: Props, update = false): Props {
  return sent(specsOf(inputs), given, update);
}

function sent(specs: Specs, given: Props, clearing: boolean): Props {
  const request: Props = {};
  for (const [name, spec] of Object.entries(specs)) {
    const value = given[name] ?? (clearing ? spec.traits.clear : undefined);
    if (value !== undefined && spec.traits.api !== false)
      request[nameOf(name, spec)] = sentValue(spec, value);
  }
  return request;
}

function sentValue(spec: Spec, value: unknown): unknown {
  if (spec.of && Array.isArray(value)) return value.map((item) => sentValue(spec.of as Spec, item));
  return spec.fields && isObject(value) ? sent(spec.fields, value, true) : value;
}

/** An answer in the words of the inputs. */
export function fromApi(inputs: Inputs, found: Props): Props {
  const described: Props = {};
  for (const [name, spec] of Object.entries(specsOf(inputs))) {
    if (spec.traits.api === false) continue;
    const value = foundValue(spec, found[nameOf(name, spec)] ?? undefined);
    described[name] = value === undefined && spec.traits.told ? null : value;
  }
  return described;
}

function foundValue(spec: Spec, value: unknown): unknown {
  if (spec.of && Array.isArray(value)) return value.map((item) => foundValue(spec.of as Spec, item));
  if (!spec.fields || !isObject(value)) return value;
  const parts = Object.entries(spec.fields).map(
    ([name, of]) => [name, foundValue(of, value[nameOf(name, of)])] as const,
  );
  return Object.fromEntries(parts.filter(([, part]) => !isEmpty(part)));
}

/** Outputs that an answer has under the service's own names for them. */
function outputsOf(names: readonly string[], found: Props): Props {
  return Object.fromEntries(names.map((name) => [name, found[capital(name)]]));
}

type Calls<C> = { [K in keyof C]: C[K] extends (input: never) => unknown ? K : never }[keyof C] & string;

interface TagCalls<C> {
  /** What names the resource to the calls. */
  readonly key: string;
  readonly as?: MapForm;
  readonly list?: Calls<C>;
  /** Under which name the list answers. */
  readonly answer?: string;
  readonly tag?: Calls<C>;
  readonly untag?: Calls<C>;
}

/** The calls of a resource that are all named after it. */
export const callsOf = <N extends string>(thing: N) => {
  const [create, read] = [`create${thing}`, `get${thing}`] as const;
  return { create, read, update: `update${thing}`, delete: `delete${thing}` } as const;
};

/** A resource whose calls take inputs and give answers field by field. */
interface Regular<C, S extends Inputs>
  extends Omit<Row<Aws, S>, "create" | "read" | "update" | "delete" | "tagging"> {
  readonly create: Calls<C>;
  /** The name of one call, or where it takes more than that, what to do; so for the next two. */
  readonly read: Calls<C> | Row<Aws, S>["read"];
  readonly update?: Calls<C> | Row<Aws, S>["update"];
  /** Absent where there is nothing to delete. */
  readonly delete?: Calls<C> | Row<Aws, S>["delete"];
  /** The output that names it to the tagging calls; its ARN where nothing else is said. */
  readonly taggedBy?: string;
  /** What names it to each call but the first. */
  key(id: string): Props;
  /** What names it to a delete, and a read that answers with a list, where these take several at once. */
  names?(id: string): Props;
  /** What a read says beside the key. */
  readonly reads?: Props;
  /** Its id, from the answer to its creation. */
  id(made: Props, inputs: Values<S>): string;
  /** What create and update say beside the fields. */
  sends?(inputs: Values<S>): Props;
  /** What more it takes once it is there. */
  completes?(aws: Aws, id: string, inputs: Values<S>): Promise<unknown>;
  /** What a delete says beside the key. */
  deletes?(state: Partial<Values<S>> & Props): Props;
  /** Where the resource stands in what a read answers; undefined: there is none. */
  within?(answer: Props, id: string): Props | undefined;
  /** What a read shows beside or instead of the fields. */
  shows?(found: Props, id: string, aws: Aws, known: Partial<Values<S>> & Props): Props | Promise<Props>;
}

/** Makes the regular rows of one service. Those with an input `tags` are tagged. */
export function service<C extends object>(client: (aws: Aws) => Promise<C>, tags: TagCalls<C>) {
  const call = async (aws: Aws, name: Calls<C>, request: Props): Promise<Props> => {
    const calls = (await client(aws)) as Record<string, (request: Props) => Promise<Props>>;
    return (await calls[name]?.(request)) ?? {};
  };
  const { key, as = pairs, answer = "Tags", ...calls } = tags;
  const { list = "listTagsForResource", tag = "tagResource", untag = "untagResource" } = calls;
  const tagging = (by = "arn"): AwsTagging => ({
    by,
    list: async (aws, id) => as.read((await call(aws, list as Calls<C>, { [key]: id }))[answer]),
    tag: (aws, id, tags) => call(aws, tag as Calls<C>, { [key]: id, Tags: as.write(tags) }),
    untag: (aws, id, keys) => call(aws, untag as Calls<C>, { [key]: id, TagKeys: keys }),
  });
  return {
    call,
    tagging,

    row<S extends Inputs>(of: Regular<C, S>): Row<Aws, S> {
      const { inputs, outputs, settle } = of;
      // What replaces is told once, and then part of the key.
      const kept = (given: Props): Props =>
        Object.fromEntries(Object.entries(given).filter(([name]) => !specsOf(inputs)[name]?.traits.replaces));
      const { read, update, delete: remove, names = of.key } = of;
      return {
        ...{ inputs, outputs, ...(settle && { settle }) },
        ...(inputs.tags && { tagging: tagging(of.taggedBy) }),
        async create(aws, given) {
          // Some services refuse an empty list of tags.
          const tags = inputs.tags &&
            Object.keys(given.tagsAll).length > 0 && { Tags: as.write(given.tagsAll) };
          const request = { ...toApi(inputs, given), ...of.sends?.(given), ...tags };
          const id = of.id(await call(aws, of.create, request), given);
          await of.completes?.(aws, id, given);
          return id;
        },
        async read(aws, id, known) {
          if (typeof read === "function") return read(aws, id, known);
          const answer = await call(aws, read, { ...(of.within ? names : of.key)(id), ...of.reads });
          const found = of.within ? of.within(answer, id) : answer;
          if (!found) return undefined;
          const fields = fromApi(inputs, { ...found, ...of.key(id) });
          return { ...fields, ...outputsOf(outputs, found), ...(await of.shows?.(found, id, aws, known)) };
        },
        ...(update && {
          update: async (aws, id, news, olds) => {
            if (typeof update === "function") return update(aws, id, news, olds);
            const request = { ...toApi(inputs, kept(news), true), ...of.sends?.(news), ...of.key(id) };
            return call(aws, update, request);
          },
        }),
        async delete(aws, id, state) {
          if (typeof remove === "function") return remove(aws, id, state);
          return remove && call(aws, remove, { ...names(id), ...of.deletes?.(state) });
        },
      };
    },
  };
}
