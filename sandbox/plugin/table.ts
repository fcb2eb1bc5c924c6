import type { Inputs, Values } from "./spec";
import type { Props } from "./values";

export type Tags = Record<string, string>;

/** How resources of one kind are tagged once they exist. */
export interface Tagging<C> {
  /** The output that names the resource to the tagging calls. */
  readonly by: string;
  list(ctx: C, arn: string): Promise<Tags>;
  tag(ctx: C, arn: string, tags: Tags): Promise<unknown>;
  untag(ctx: C, arn: string, keys: string[]): Promise<unknown>;
}

export interface Patience {
  /** From the resource's `customTimeouts`; undefined where the program gives none. */
  readonly seconds: number | undefined;
  readonly signal: AbortSignal;
}

/** The tags to create a resource with: the provider's default tags and its own. */
interface Tagged {
  readonly tagsAll: Tags;
}

/**
 * One resource type. The core does everything that the types have in common: validating, naming, comparing,
 * tagging, previewing, keeping secrets; a row says which calls to make.
 */
export interface Row<C, S extends Inputs = Inputs> {
  readonly inputs: S;
  /** What only the service knows: unknown until the resource exists. */
  readonly outputs: readonly string[];
  /** Those of the outputs that an update may change. */
  readonly volatile?: readonly string[];
  readonly tagging?: Tagging<C>;
  /** Answers with the id. */
  create(ctx: C, inputs: Values<S> & Tagged): Promise<string>;
  /** Waits until what was created is usable. A failure keeps the resource in state, as failed. */
  settle?(ctx: C, id: string, inputs: Values<S>, patience: Patience): Promise<unknown>;
  /**
   * What the service says now: outputs, and inputs under their own names. A key left undefined was not
   * reported, and keeps its last known value; null is reported as absent. Undefined: no such resource.
   * `id` is given where an import goes by more than the id.
   */
  read(ctx: C, id: string, known: Partial<Values<S>> & Props): Promise<Props | undefined>;
  /** Absent where every input replaces. Tags are not its concern. */
  update?(ctx: C, id: string, news: Values<S>, olds: Partial<Values<S>> & Props): Promise<unknown>;
  delete(ctx: C, id: string, state: Partial<Values<S>> & Props): Promise<unknown>;
}

// Rows of different inputs share a table; each is used only with inputs that its own specs have checked.
// biome-ignore lint/suspicious/noExplicitAny: see above
export type AnyRow<C> = Omit<Row<C, any>, "inputs"> & { readonly inputs: Inputs };

/** What a configured plugin works with. */
export interface Session<C> {
  readonly defaultTags: Tags;
  /** The context of one resource; its inputs may move it, as `region` does. */
  context(props: Props): C;
}

export interface Plugin<C> {
  readonly name: string;
  readonly version: string;
  readonly config: Inputs;
  readonly rows: Readonly<Record<string, AnyRow<C>>>;
  readonly functions: Readonly<Record<string, (ctx: C, args: Props) => Promise<Props>>>;
  open(config: Props): Session<C>;
  /** An error as one clause, without a stack: what was tried, and what was answered. */
  explain(error: unknown): string;
  /** Whether the service means that there is no such thing. */
  isMissing(error: unknown): boolean;
}
