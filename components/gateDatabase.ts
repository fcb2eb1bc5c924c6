import { randomBytes } from "node:crypto";
import * as postgresql from "@pulumi/postgresql";
import * as pulumi from "@pulumi/pulumi";
import { TYPE } from "../src/aws/names";
import type { GateLogin, IamLogin } from "../src/gates/databaseConnection";
import type { Baseline } from "../src/imports/answer";
import { SCHEMA } from "../src/imports/queries/query";
import type { DatabaseConfig } from "../src/rollout/config/database";
import { gateRoleOf } from "../src/rollout/gateLogin";
import { type MeasureBaseline, recordBaseline } from "./gateDatabaseBaseline";
import { declareQueries } from "./gateDatabaseQueries";
import { declareLoginSecret } from "./loginSecret";

/** Arguments of `GateDatabase`. */
export interface GateDatabaseArgs {
  /** The rollout's name. */
  rollout: string;
  /** The database that gates read, and what they need of it. */
  database: DatabaseConfig;
  /** The login, where IAM vouches for it: then it has no password. */
  iam?: IamLogin | undefined;
  /** How the baseline is measured. Default: by asking the database. */
  measure?: MeasureBaseline;
}

/** Connections that the gate role may hold: four for measuring, as many for a last look, and some for probes and people. */
const CONNECTION_LIMIT = 12;
/** The role's own ceiling on a statement, in ms; each gate sets a shorter one for itself. */
const STATEMENT_TIMEOUT_MS = 60_000;
/** How long a transaction of the role may sit idle, in ms: an open one holds back the server's clean-up. */
const IDLE_TIMEOUT_MS = 60_000;
/** The role of RDS whose members log in by tokens of IAM, and by nothing else. */
const LOGS_IN_BY_IAM = "rds_iam";

/**
 * The login that gates measure with, and the queries that they ask: it can read the declared tables and the mapped
 * columns of the table of imports, and nothing else.
 *
 * What fences the role in are its privileges: there is nothing that it may write. The provider has no setting for
 * sessions that begin read-only; every session of cutover's own begins so (src/gates/database).
 */
export class GateDatabase extends pulumi.ComponentResource {
  readonly login: pulumi.Output<GateLogin>;
  /** The secret that holds the login, and what it holds now; absent where IAM vouches for the login. */
  readonly secret: { readonly arn: pulumi.Output<string>; readonly version: pulumi.Resource } | undefined;
  /** The answers to Q1 to Q6 before the first stage; absent where no table of imports is mapped. */
  readonly baseline: pulumi.Output<Baseline> | undefined;

  constructor(name: string, args: GateDatabaseArgs, opts?: pulumi.ComponentResourceOptions) {
    const { rollout, database, iam } = args;
    super(TYPE.database, name, { rollout, database }, opts);

    const password = iam ? undefined : this.drawPassword(name);
    const role = new postgresql.Role(
      `${name}-role`,
      {
        name: gateRoleOf({ name: rollout, database }),
        login: true,
        ...(password ? { password } : { roles: [LOGS_IN_BY_IAM] }),
        connectionLimit: CONNECTION_LIMIT,
        statementTimeout: STATEMENT_TIMEOUT_MS,
        idleInTransactionSessionTimeout: IDLE_TIMEOUT_MS,
        searchPaths: [database.schema],
      },
      { parent: this },
    );
    const owner = administrator();
    const schema = new postgresql.Schema(
      `${name}-schema`,
      { name: SCHEMA, database: database.name, owner },
      // Several rollouts may keep their queries in one database: none takes the schema away from the others.
      { parent: this, retainOnDelete: true },
    );
    const granted = this.declareGrants(name, database, role);
    const known = password && pulumi.secret(pulumi.output({ user: role.name, password }));
    this.login = known ?? pulumi.output(iam as GateLogin);
    this.secret = known && this.keepLogin(name, rollout, known);
    this.baseline = this.declareImports(name, args, { owner, role, schema, granted });
    this.registerOutputs({});
  }

  /** The first password stays: a new one is drawn at each run, and ignored. */
  private drawPassword(name: string): pulumi.Output<string> {
    const drawn = new pulumi.Stash(
      `${name}-password`,
      { input: pulumi.secret(randomBytes(24).toString("base64url")) },
      { parent: this, ignoreChanges: ["input"], additionalSecretOutputs: ["output", "input"] },
    );
    return drawn.output.apply(String);
  }

  private keepLogin(
    name: string,
    rollout: string,
    login: pulumi.Output<{ user: string; password: string }>,
  ): GateDatabase["secret"] {
    const { secret, version } = declareLoginSecret(
      `${name}-secret`,
      {
        name: `cutover/${rollout}/gate`,
        description: `The login with which the gates of ${rollout} read the database`,
        login,
      },
      { parent: this },
    );
    return { arn: secret.arn, version };
  }

  private declareImports(
    name: string,
    { database, measure }: GateDatabaseArgs,
    { owner, role, schema, granted }: Declared,
  ): pulumi.Output<Baseline> | undefined {
    if (!database.imports) return undefined;
    const mapped = { ...database, imports: database.imports };
    const opts = { parent: this, dependsOn: granted };
    const queries = declareQueries(name, { database: mapped, owner, role, schema, opts });
    return recordBaseline(name, { database: mapped, login: this.login, queries, measure }, opts);
  }

  /**
   * One after the other: PostgreSQL locks the same catalog row for all grants of one role. One that is replaced is
   * taken back first: afterwards, it would take along what the new one has just granted. Returns the last one.
   */
  private declareGrants(
    name: string,
    { name: database, schema, reads, imports }: DatabaseConfig,
    role: postgresql.Role,
  ): postgresql.Grant {
    const to = { database, role: role.name };
    const own = { parent: this, deleteBeforeReplace: true };
    let last = new postgresql.Grant(
      `${name}-usage`,
      { ...to, schema, objectType: "schema", privileges: ["USAGE"] },
      own,
    );
    if (reads.length > 0)
      last = new postgresql.Grant(
        `${name}-select`,
        { ...to, schema, objectType: "table", objects: [...reads], privileges: ["SELECT"] },
        { ...own, dependsOn: last },
      );
    // A table that is read as a whole needs no grant of its columns; taking that one back would take columns away.
    if (imports && !reads.includes(imports.table))
      last = new postgresql.Grant(
        `${name}-columns`,
        {
          ...to,
          schema,
          objectType: "column",
          objects: [imports.table],
          columns: Object.values(imports.columns).filter((column) => column !== undefined),
          privileges: ["SELECT"],
        },
        { ...own, dependsOn: last },
      );
    return last;
  }
}

interface Declared {
  readonly owner: string;
  readonly role: postgresql.Role;
  readonly schema: postgresql.Schema;
  readonly granted: postgresql.Grant;
}

/** Whom the provider logs in as: the owner of what it makes. */
function administrator(): string {
  return new pulumi.Config("postgresql").get("username") ?? process.env.PGUSER ?? "postgres";
}
