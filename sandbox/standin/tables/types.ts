import { type Column, columnKey } from "./sql";
import { guess, type Type, typeFor } from "./typeNames";

/** How much a use of a column says about its type: a cast takes nearly any, a comparison only its own. */
export const WEAK = 1;
export const STRONG = 3;
const SETTLED = 1_000;

/** What uses of columns say about their types. */
export class Types {
  private readonly votes = new Map<string, Map<Type, number>>();
  /** The column that stands for all that are compared with it. */
  private readonly classes = new Map<string, string>();

  private readonly given: ReadonlyMap<string, Type>;

  /** @param spelled types of columns that exist, by their keys, as PostgreSQL spells them */
  constructor(private readonly spelled: ReadonlyMap<string, string>) {
    this.given = new Map([...spelled].map(([key, type]) => [key, typeFor(type) ?? "text"]));
  }

  /** A column's type as PostgreSQL spells it. What is compared with a column of a type of its owner's is of that type. */
  spelledOf(key: string): string {
    const root = this.classOf(key);
    const [, foreign] =
      [...this.spelled].find(([one, type]) => this.classOf(one) === root && typeFor(type) === undefined) ??
      [];
    return foreign ?? this.typeOf(key);
  }

  /** Columns that are compared with each other have one key. */
  classOf(key: string): string {
    const above = this.classes.get(key);
    return above === undefined ? key : this.classOf(above);
  }

  /** A column's type. Nothing said: text, which takes anything. */
  typeOf(key: string): Type {
    return this.known(key) ?? guess(key) ?? "text";
  }

  /** A column's type, as far as anything says it. */
  known(key: string): Type | undefined {
    return this.given.get(key) ?? this.best(key);
  }

  /** Says what a column's type is, whatever its uses say. */
  settle(key: string, type: Type): void {
    this.votes.set(this.classOf(key), new Map([[type, SETTLED]]));
  }

  /** The other types that were thought of for a column, likelier ones first. */
  othersOf(key: string): Type[] {
    const votes = [...(this.votes.get(this.classOf(key)) ?? [])].sort((a, b) => b[1] - a[1]);
    const all: Type[] = [
      "timestamptz",
      "date",
      "bigint",
      "text",
      "boolean",
      "numeric",
      "jsonb",
      "text[]",
      "uuid",
      "interval",
      "bigint[]",
    ];
    return [...new Set([...votes.map(([type]) => type), ...all])].filter((type) => type !== this.typeOf(key));
  }

  /** The type that most is said for; undefined where nothing is. */
  private best(key: string): Type | undefined {
    const votes = this.votes.get(this.classOf(key));
    if (!votes) return undefined;
    const [top] = [...votes].sort((a, b) => b[1] - a[1]);
    if (!top) return undefined;
    if (top[0] === "text" && top[1] <= WEAK) return guess(key) ?? "text";
    // Whole numbers are numerics, too.
    return top[0] === "bigint" && (votes.get("numeric") ?? 0) > 0 ? "numeric" : top[0];
  }

  /** Says that a column is of a type. What stands in its JSON is of a type of its own. */
  vote(column: Column, type: Type, weight: number): void {
    if (column.path) {
      this.count(columnKey({ table: column.table, name: column.name }), "jsonb", STRONG * 10);
    }
    this.count(columnKey(column), type, weight);
  }

  private count(key: string, type: Type, weight: number): void {
    const root = this.classOf(key);
    const votes = this.votes.get(root) ?? new Map<Type, number>();
    votes.set(type, (votes.get(type) ?? 0) + weight);
    this.votes.set(root, votes);
  }

  /** Says that two columns are compared. */
  join(one: string, two: string): void {
    const [a, b] = [this.classOf(one), this.classOf(two)];
    if (a === b) return;
    for (const [type, weight] of this.votes.get(b) ?? []) this.count(a, type, weight);
    this.classes.set(b, a);
  }
}
