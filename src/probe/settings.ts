import type { Question } from "../gates/database";
import type { DatabasePlace, IamLogin } from "../gates/databaseConnection";
import type { NamedSource } from "../gates/elsewhere/source";
import type { RowElsewhere } from "../rollout/config/probe";
import type { CountedRow, ReconcileSettings } from "./reconcile/settings";

/** What is asked for one row: no placeholder is left in it but the ends of its window. */
export interface ProbeRow extends Question {
  /** How far back it looks, on the clock. Absent where the query looks at no window. */
  readonly windowMs?: number;
}

/** Where a probe finds its login. */
export type ProbeLogin =
  /** The secret with it: `{"username": …, "password": …}`, as the database's own rotation writes it. */
  { readonly secretArn: string } | IamLogin;

/** Whom a probe asks beside the database. */
export interface ProbedElsewhere {
  readonly sources: Readonly<Record<string, NamedSource>>;
  readonly rows: Readonly<Record<string, RowElsewhere>>;
  /** The secret with the tokens that go into the sources' headers: JSON, by role. Absent where they carry none. */
  readonly secretArn?: string | undefined;
}

/** All that a probe knows; plain data, put beside its code by `components/probe`. Holds no secret. */
export interface ProbeSettings {
  readonly rollout: string;
  readonly stage: string;
  /** Without the login. Absent, as the login is, where no row asks the database. */
  readonly database?: DatabasePlace | undefined;
  readonly login?: ProbeLogin | undefined;
  readonly rows: Readonly<Record<string, ProbeRow>>;
  /** The rows that named sources answer. Absent: none. */
  readonly elsewhere?: ProbedElsewhere;
  /** Sources that it compares, by name. Absent: none. */
  readonly reconcile?: Readonly<Record<string, ReconcileSettings>>;
  /** Rows that count what differs there. */
  readonly counted?: Readonly<Record<string, CountedRow>>;
}
