/** Why a row has nothing in a column. */
export interface Without {
  readonly why: string;
}

/** One requirement of a cutover plan: what it says, and where in this repository each part of it stands. */
export interface PlanRow {
  /** The plan's own id, or a name for what it has no id for. */
  readonly id: string;
  /** What the plan says, in its words. */
  readonly says: string;
  /**
   * Where the stack files declare what has no id of its own there: `STACK PATH`, such as
   * `stageA cutover:stage.soak`. Default: every place that has the row's id.
   */
  readonly declared?: readonly string[] | Without;
  /** What holds it, `FILE:NAME`. Default: by the section that it is declared in, and the kind of gate. */
  readonly enforced?: readonly string[] | Without;
  /** What fails where it does otherwise, `FILE: the test's title, or how it begins`. Default: the row's behaviours. */
  readonly tested?: readonly string[] | Without;
  /** What shows it in a rehearsal, `FILE: how the step is told`. Default: what the row does in `rehearse --rows`. */
  readonly rehearsed?: readonly string[] | Without;
}
