import { randomBytes } from "node:crypto";
import { CreateDBClusterCommand, CreateDBInstanceCommand, RDSClient } from "@aws-sdk/client-rds";
import { type Emulator, emulated } from "./emulated";

/** A database as RDS knows it: an instance, or an Aurora cluster. */
export interface RdsDatabase {
  readonly instance?: string | undefined;
  readonly cluster?: string | undefined;
}

/** Declares databases in the emulator, so that they can be snapshotted. The data are the sandbox's PostgreSQL's. */
export async function declareDatabases(aws: Emulator, databases: readonly RdsDatabase[]): Promise<void> {
  const client = new RDSClient(emulated(aws));
  const owner = { MasterUsername: "postgres", MasterUserPassword: randomBytes(18).toString("base64url") };
  const named = (kind: keyof RdsDatabase) => new Set(databases.flatMap((one) => one[kind] ?? []));
  try {
    for (const DBInstanceIdentifier of named("instance"))
      await client.send(
        new CreateDBInstanceCommand({
          DBInstanceIdentifier,
          DBInstanceClass: "db.t4g.micro",
          Engine: "postgres",
          AllocatedStorage: 20,
          ...owner,
        }),
      );
    for (const DBClusterIdentifier of named("cluster"))
      await client.send(
        new CreateDBClusterCommand({ DBClusterIdentifier, Engine: "aurora-postgresql", ...owner }),
      );
  } finally {
    client.destroy();
  }
}
