import type { Question } from "../gates/database";
import type { DatabaseConnection } from "../gates/databaseConnection";

/** What is asked for one row: no placeholder is left in it but the ends of its window. */
export interface ProbeRow extends Question {
  /** How far back it looks, on the clock. Absent where the query looks at no window. */
  readonly windowMs?: number;
}

/** The database without the login, which only the secret holds. */
export type ProbeDatabase = Omit<DatabaseConnection, "user" | "password">;

/** All that a probe knows; plain data, put beside its code by `components/probe`. Holds no secret. */
export interface ProbeSettings {
  readonly rollout: string;
  readonly stage: string;
  readonly database: ProbeDatabase;
  /** The secret with the login: `{"username": …, "password": …}`, as the database's own rotation writes it. */
  readonly secretArn: string;
  readonly rows: Readonly<Record<string, ProbeRow>>;
}
