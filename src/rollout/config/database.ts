import { X509Certificate } from "node:crypto";
import { isIP } from "node:net";
import { z } from "zod";
import { regionOfHost } from "../../aws/databaseHost";
import { withoutRoot } from "../../gates/reachedAs";
import { imports } from "./imports";
import { probeVpc } from "./probe";
import { isLoopback } from "./timeScale";

/** Certificates of authorities as one text, as files of them are: PEM, one after another. */
const certificates = z
  .string()
  .refine(isPem, "one certificate or more in PEM, each from BEGIN CERTIFICATE to END CERTIFICATE");

function isPem(text: string): boolean {
  const found = text.match(/-----BEGIN CERTIFICATE-----[\s\S]*?-----END CERTIFICATE-----/g) ?? [];
  try {
    return found.length > 0 && found.every((one) => new X509Certificate(one).subject !== undefined);
  } catch {
    return false;
  }
}

/** What PostgreSQL cuts a name off at, in bytes. */
const LONGEST_NAME = 63;
/** What a name may hold that stands in a policy of IAM: by a star or a question mark it would be others' as well. */
const IN_A_POLICY = /^[\w.@-]+$/;

/** Source: PostgreSQL, "Identifiers and Key Words", and CREATE ROLE, which refuses these. */
const roleName = z
  .string()
  .min(1)
  .refine(
    (name) => Buffer.byteLength(name) <= LONGEST_NAME,
    `at most ${LONGEST_NAME} bytes: PostgreSQL cuts a longer one off`,
  )
  .refine((name) => !/[\p{Cc}]/u.test(name), "a name without control characters")
  .refine(
    (name) => !/^pg_|^(?:public|none)$/.test(name),
    "another name: PostgreSQL keeps public, none and all that begin with pg_ for itself",
  )
  .refine(
    (name) => !/^rds(?:_|(?:admin|repladmin|topmgr|proxyadmin|writeforwarduser)$)/.test(name),
    "another name: RDS keeps those that begin with rds_, and rdsadmin and its like, for itself",
  );

/** A name of DNS, an address, or the folder of a socket. */
const HOST = /^(?:\/.*|[\p{L}\p{N}_-]+(?:\.[\p{L}\p{N}_-]+)*\.?)$/u;

/** Where a server is, without a protocol or a port. */
const host = z
  .string()
  .min(1)
  .refine((name) => name === "" || HOST.test(name) || isIP(name) !== 0, {
    error: "a host alone, without a protocol, a login or a port",
    // What is there is not shown: it may hold a password.
    params: {
      what: "must be a host alone, without a protocol, a login or a port",
      remedy: "Write it like host: ops-db.example.com, and the port under port",
    },
  })
  .overwrite(withoutRoot);

const login = z.strictObject({
  name: roleName.optional().meta({
    description:
      "The role that gates measure as. Default: `cutover_gate_` and the rollout's name. It is taken letter by letter, as PostgreSQL takes a name in quotes: a capital stays one. `up` makes the role, and refuses one that is there already.",
    examples: ["ops_gates"],
  }),
  tenant: z
    .string()
    .regex(/^[A-Za-z0-9_-]{1,63}$/, "letters, digits and any of _ - alone: a project's reference")
    .optional()
    .meta({
      description:
        "Where `host` is a pooler of many databases: which of them, as `LOGIN.TENANT` tells it to the pooler. On Supabase's the project's reference. The role in the database is named without it.",
      examples: ["abcdefghijklmnopqrst"],
    }),
  auth: z.enum(["password", "iam"]).default("password").meta({
    description:
      "`password`: one is drawn at the first `up`, and kept in the state and in Secrets Manager. `iam`: IAM database authentication. The login is granted `rds_iam`, each connection has a token of its own, and no password is kept anywhere; whoever measures needs `rds-db:connect` (`cutover permissions` prints it).",
  }),
  resource: z
    .string()
    .regex(/^(?:db|cluster|prx)-[A-Za-z0-9]+$/, "a resource id, such as db-ABCDEFGHIJKL01234")
    .optional()
    .meta({
      description:
        "With `auth: iam`: the resource id of the instance (`db-…`), the Aurora cluster (`cluster-…`) or the RDS Proxy (`prx-…`) that `host` names. Permissions to connect are then for this database alone; without it they are for this login on any database of the account.",
    }),
});

/** Amazon's own names, and this machine's, where a sandbox stands in for them. */
const takesTokens = (name: string) =>
  regionOfHost(name) !== undefined || isLoopback(`http://${isIP(name) === 6 ? `[${name}]` : name}`);

/** `cutover:rollout.database`. */
export const database = z
  .strictObject({
    host: host.meta({ description: "The PostgreSQL server that gates read." }),
    port: z.int().min(1).max(65535).default(5432),
    name: z.string().min(1).meta({ description: "The database on it." }),
    ssl: z
      .enum(["require", "verify-full", "disable"])
      .default("verify-full")
      .meta({ description: "`disable` is for loopback only." }),
    ca: certificates.optional().meta({
      description:
        "With `verify-full`: the authorities that the server's certificate has to be of, in PEM, and no others. Without it those that Node knows are believed, and RDS's.",
    }),
    schema: z.string().default("public").meta({ description: "The schema that holds the tables below." }),
    login: login.optional().meta({ description: "The login that gates, probes and questions measure with." }),
    reads: z.array(z.string()).default([]).meta({
      description:
        "The tables that gates' own queries read: exactly these are granted to the gate role. The mapped columns of `imports` are granted anyway.",
    }),
    imports: imports.optional(),
    vpc: probeVpc.optional(),
  })
  .refine(
    ({ reads, imports }) => reads.length > 0 || imports !== undefined,
    "at least one of reads, imports: what is there to measure otherwise",
  )
  .refine(({ ssl, ca }) => ca === undefined || ssl === "verify-full", {
    path: ["ca"],
    error: "`ssl: verify-full` beside it: with any other the server's certificate is not looked at",
  })
  .refine(({ ssl, login }) => login?.auth !== "iam" || ssl === "verify-full", {
    path: ["login", "auth"],
    error:
      "`ssl: verify-full` beside it: whoever else answers would have the token, which lets in for 15 minutes",
  })
  .refine(({ host: name, login }) => login?.auth !== "iam" || takesTokens(name), {
    path: ["host"],
    error:
      "Amazon's own name of the database beside `auth: iam`, such as ops-db.c4k2m8p1x7qz.eu-central-1.rds.amazonaws.com: a token for any other is refused",
  })
  .refine(({ login }) => login?.auth !== "iam" || login.name === undefined || IN_A_POLICY.test(login.name), {
    path: ["login", "name"],
    error:
      "letters, digits and any of _ . @ - beside `auth: iam`: a policy of IAM names it, where a star would mean others",
  })
  .refine(({ host: name, login }) => !/\.pooler\.supabase\.com$/i.test(name) || login?.tenant !== undefined, {
    path: ["login", "tenant"],
    error:
      "the project's reference beside a pooler of Supabase's, which many projects share: login: { tenant: REFERENCE }",
  })
  .refine(({ host: name, login }) => !/\.supabase\.co$/i.test(name) || login?.tenant === undefined, {
    path: ["login", "tenant"],
    error: "a pooler's host beside it: a project's own host knows logins by their names alone",
  })
  .refine(({ login }) => login?.tenant === undefined || login.auth !== "iam", {
    path: ["login", "tenant"],
    error: "`auth: password` beside it: a token of IAM's is for a name without it",
  })
  .refine(({ login }) => login?.resource === undefined || login.auth === "iam", {
    path: ["login", "resource"],
    error: "`auth: iam` beside it: nothing else is permitted by it",
  });

export type DatabaseConfig = z.output<typeof database>;
