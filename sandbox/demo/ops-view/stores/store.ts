import type { Caller, Item, Kind, Scope } from "../items";

export interface Counts {
  total: number;
  patches: Record<string, number>;
  rfis: Record<string, number>;
}

export interface Batch {
  id: string;
  workspaceId: string;
  file: string;
  revision: number;
  submittedBy: string;
}

/** What OPS_VIEW_DB_READ moves to the database. */
export interface Reads {
  /** Whose token it is, in a workspace; without one, in the token's own. */
  identify(token: string, workspaceId: string | undefined): Promise<Caller | undefined>;
  counts(scope: Scope): Promise<Counts>;
  list(kind: Kind, scope: Scope): Promise<Item[]>;
}

/** What OPS_VIEW_DB_WRITE moves to the database. Each refuses by throwing a `Refusal`. */
export interface Writes {
  create(kind: Kind, caller: Caller, fields: Record<string, string>): Promise<Item>;
  move(kind: Kind, caller: Caller, id: string, to: string, version: number): Promise<Item>;
  /** One batch for each file and revision: submitting them again answers with the first one. */
  submitBatch(caller: Caller, file: string, revision: number): Promise<{ batch: Batch; created: boolean }>;
}
