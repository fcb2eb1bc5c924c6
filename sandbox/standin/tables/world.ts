import type { ClientBase } from "pg";
import { reasonOf } from "../../../src/text/problem";
import { ask } from "./ask";
import type { Answer, Question } from "./question";
import { quotedTable, type Table } from "./state";

/** Rows that were tried stay in a table's file until it is cut: beyond so many, every question takes longer. */
const MOST_TRIED_ROWS = 2_000;

/** Tables in a transaction, in which states are tried. Nothing of it is left when it is rolled back. */
export class World {
  private tried = 0;
  /** Why the state could not be laid over the tables. */
  private refused: string | undefined;

  private constructor(
    private readonly client: ClientBase,
    private readonly own: readonly Table[],
    private readonly asking: { readonly timeScale: number; readonly now: number },
  ) {}

  /**
   * Within a transaction, over the tables as they are.
   *
   * @param own tables that the transaction has just made up, and that are empty
   */
  static async open(client: ClientBase, own: readonly Table[], timeScale: number): Promise<World> {
    const { rows } = await client.query<{ now: Date }>("select now() as now");
    await client.query("savepoint base");
    return new World(client, own, { timeScale, now: rows[0]?.now.getTime() ?? Date.now() });
  }

  /**
   * Lays a state over the tables, in place of the one before.
   *
   * @param statements what writes it
   * @param rows how many rows that are, about
   */
  async lay(statements: readonly string[], rows: number): Promise<void> {
    this.refused = undefined;
    try {
      await this.client.query([...this.cleared(), ...statements, "savepoint asked"].join(";"));
    } catch (error) {
      await this.client.query("rollback to savepoint base");
      this.refused = reasonOf(error);
    }
    this.tried += rows;
  }

  private cleared(): string[] {
    if (this.tried < MOST_TRIED_ROWS) return ["rollback to savepoint base"];
    this.tried = 0;
    const made = this.own.map(({ key }) => quotedTable(key));
    return [
      "rollback to savepoint base",
      "release savepoint base",
      // Nobody else sees these tables yet, so that nobody waits for this.
      ...(made.length > 0 ? [`truncate ${made.join(", ")}`] : []),
      "savepoint base",
    ];
  }

  /** What a question is answered over the state that was laid last. */
  async ask(question: Question): Promise<Answer[]> {
    if (this.refused !== undefined) return [{ error: this.refused }];
    const failed = () => this.client.query("rollback to savepoint asked");
    return ask(this.client, question, this.asking, failed);
  }

  async close(): Promise<void> {
    await this.client.query("rollback to savepoint base");
  }
}
