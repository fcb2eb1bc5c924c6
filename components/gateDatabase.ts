import { randomBytes } from "node:crypto";
import * as postgresql from "@pulumi/postgresql";
import * as pulumi from "@pulumi/pulumi";
import type { DatabaseConfig } from "../model/config";
import { TYPE } from "./names";

/** Arguments of `GateDatabase`. */
export interface GateDatabaseArgs {
  /** The rollout's name. */
  rollout: string;
  /** The database that gates read, and the tables that they need. */
  database: DatabaseConfig;
}

/** Connections that the gate role may hold: four for measuring, and as many for the last look of a neighbour. */
const CONNECTION_LIMIT = 8;
/** The role's own ceiling on a statement, in ms; each gate sets a shorter one for itself. */
const STATEMENT_TIMEOUT_MS = 60_000;

/** The login that gates measure with: it can read the declared tables, and nothing else. */
export class GateDatabase extends pulumi.ComponentResource {
  readonly login: pulumi.Output<{ user: string; password: string }>;

  constructor(name: string, args: GateDatabaseArgs, opts?: pulumi.ComponentResourceOptions) {
    const { rollout, database } = args;
    super(TYPE.database, name, { rollout, database }, opts);

    // The first password stays: a new one is drawn at each run, and ignored.
    const password = new pulumi.Stash(
      `${name}-password`,
      { input: pulumi.secret(randomBytes(24).toString("base64url")) },
      { parent: this, ignoreChanges: ["input"], additionalSecretOutputs: ["output", "input"] },
    );
    const role = new postgresql.Role(
      `${name}-role`,
      {
        name: `cutover_gate_${rollout.replaceAll("-", "_").toLowerCase()}`,
        login: true,
        password: password.output.apply(String),
        connectionLimit: CONNECTION_LIMIT,
        statementTimeout: STATEMENT_TIMEOUT_MS,
        searchPaths: [database.schema],
      },
      { parent: this },
    );
    const grant = { database: database.name, role: role.name, schema: database.schema };
    const usage = new postgresql.Grant(
      `${name}-usage`,
      { ...grant, objectType: "schema", privileges: ["USAGE"] },
      { parent: this },
    );
    new postgresql.Grant(
      `${name}-select`,
      { ...grant, objectType: "table", objects: [...database.reads], privileges: ["SELECT"] },
      // PostgreSQL locks the same catalog row for both grants of one role; at the same time they would collide.
      { parent: this, dependsOn: usage },
    );
    this.login = pulumi.secret(
      pulumi
        .all([role.name, password.output])
        .apply(([user, secret]) => ({ user, password: String(secret) })),
    );
    this.registerOutputs({});
  }
}
