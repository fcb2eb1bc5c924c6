/** A backup that a provider took by itself, as its API tells of it. */
export interface ProviderBackup {
  /** When it was taken, ISO 8601. */
  readonly at: string;
  /** Whether it has come to its end; else what the provider says of it. */
  readonly state: "completed" | (string & {});
}

/** Where gates reach a database. */
export interface DatabaseHost {
  readonly host: string;
  /** Which of a pooler's databases, where it has many. */
  readonly tenant?: string | undefined;
}

/** A provider of databases, and how it tells of its backups. All of it is pure. */
export interface Provider {
  readonly title: string;
  /** Its API. */
  readonly url: string;
  /** What it calls a database, and how that looks. */
  readonly project: { readonly pattern: RegExp; readonly words: string };
  /** Below its API. */
  path(project: string): string;
  /** Whether a host is one of this project's: nothing else of a backup says of which database it is. */
  isOf(project: string, at: DatabaseHost): boolean;
  /** Reads its answer; undefined for what is none. */
  read(json: unknown): readonly ProviderBackup[] | undefined;
}
