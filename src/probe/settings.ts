import type { Question } from "../gates/database";
import type { DatabasePlace, IamLogin } from "../gates/databaseConnection";
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

/** All that a probe knows; plain data, put beside its code by `components/probe`. Holds no secret. */
export interface ProbeSettings {
  readonly rollout: string;
  readonly stage: string;
  /** Without the login. */
  readonly database: DatabasePlace;
  readonly login: ProbeLogin;
  readonly rows: Readonly<Record<string, ProbeRow>>;
  /** Sources that it compares, by name. Absent: none. */
  readonly reconcile?: Readonly<Record<string, ReconcileSettings>>;
  /** Rows that count what differs there. */
  readonly counted?: Readonly<Record<string, CountedRow>>;
}
