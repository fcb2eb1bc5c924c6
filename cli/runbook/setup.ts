import { rolesOfSource } from "../../src/gates/elsewhere/source";
import { iamLoginOf } from "../../src/rollout/gateLogin";
import type { Rollout, Stage } from "../../src/rollout/rollout";
import { captured, ofStack, type Place, pulumi, quoted, status } from "../../src/text/command";
import { quoted as code, shell } from "../../src/text/markdown";
import {
  DATABASE_OWNER_URL,
  DATABASE_URL,
  DOWN_SINCE,
  LIVE_SINCE,
  tokenVariable,
  word,
} from "../../src/text/shell";

/** A variable of the reader's shell: what it is, and the line that sets it. */
interface Variable {
  readonly name: string;
  readonly is: string;
  /** None where only its reader knows the value. */
  readonly line?: string;
}

/** The line that sets since when the flags are live: typed at first, and anew once they have changed. */
export function liveSinceLine(place: Place): string {
  return since(place, LIVE_SINCE);
}

/** The line that sets since when the flags are down: right after a rollback, since which what is live is live. */
export function downSinceLine(place: Place): string {
  return since(place, DOWN_SINCE);
}

function since(place: Place, variable: string): string {
  return `export ${variable}=${captured(`${status(place, "--json")} | jq -r .flags.value.since`)}`;
}

/** How the variables are set that lines of a runbook take, and no others. Nothing where they take none. */
export function setup(rollout: Rollout, stage: Stage, place: Place, runbook: readonly string[]): string[] {
  const asked = new Set([...runbook.join("\n").matchAll(/\$\{?([A-Z][A-Z0-9_]*)/g)].map(([, name]) => name));
  const used = variables(rollout, stage, place).filter(({ name }) => asked.has(name));
  if (used.length === 0) return [];
  return [
    "## Type this first",
    "",
    `Beside this project the lines of this runbook need ${["aws", "curl", "jq", "psql"].map(code).join(", ")} and ${code("python3")} with the package ${code("jmespath")} (a part of ${code("boto3")}), and take from the shell that they are typed in:`,
    "",
    ...used.map(({ name, is }) => `- ${code(name)}: ${is}`),
    "",
    ...shell(used.flatMap(({ line }) => line ?? [])),
    "",
  ];
}

function variables(rollout: Rollout, stage: Stage, place: Place): Variable[] {
  const { database } = rollout;
  const set = (name: string, value: string) => `export ${name}=${value}`;
  const roles = rolesOf(rollout);
  return [
    {
      name: LIVE_SINCE,
      is: "since when the flags that are live are live",
      line: liveSinceLine(place),
    },
    ...(database
      ? [
          {
            name: DATABASE_URL,
            is: `the database with the login of the gates, which can only read${database.login?.auth === "iam" ? ", and a token that opens connections for 15 minutes" : ""}${database.ssl === "verify-full" ? `; ${code("psql")} looks for the authority of its certificate in ${code("~/.postgresql/root.crt")}, or where ${code("PGSSLROOTCERT")} says` : ""}`,
            line: set(DATABASE_URL, captured(loginLine(rollout, database, place))),
          },
          {
            name: DATABASE_OWNER_URL,
            is: `the same with the login of the tables' owner, which sees all and may change all: set it yourself, such as ${code(`postgresql://OWNER:PASSWORD@${database.host}:${database.port}/${database.name}`)}`,
          },
        ]
      : []),
    ...[...roles].map((role) => ({
      name: tokenVariable(role),
      is: `the bearer token of ${code(role)}`,
      line: set(
        tokenVariable(role),
        captured(ofStack(place, `config get ${quoted(`cutover:token-${role}`)}`, stage.name)),
      ),
    })),
  ];
}

type Database = NonNullable<Rollout["database"]>;

/** What prints the database's address with the gates' login in it: jq writes the login so that no letter of it ends it. */
function loginLine(rollout: Rollout, database: Database, place: Place): string {
  const { host, port, name, ssl } = database;
  const address = `${host}:${port}/${encodeURIComponent(name)}?sslmode=${ssl}`;
  const iam = iamLoginOf(rollout, place.region ?? "");
  if (iam) {
    const region = iam.iam.region === "" ? "" : ` --region ${iam.iam.region}`;
    const token = `aws rds generate-db-auth-token --hostname ${word(host)} --port ${port} --username ${word(iam.user)}${region}`;
    return `${token} | jq -rR ${word(`"postgresql://${encodeURIComponent(iam.user)}:\\(. | @uri)@${address}"`)}`;
  }
  const login = pulumi(
    place,
    "stack output gateLogin --json --show-secrets",
    `-s ${quoted(rollout.stages[0].name)}`,
  );
  return `${login} | jq -r ${word(`"postgresql://\\(.user | @uri):\\(.password | @uri)@${address}"`)}`;
}

/** Every role that a request of the rollout is sent as, wherever a gate's definition says `as`. */
function rolesOf(rollout: Rollout): Set<string> {
  const roles = new Set<string>();
  const walk = (value: unknown): void => {
    if (typeof value !== "object" || value === null) return;
    for (const [key, inner] of Object.entries(value)) {
      if (key === "as" && typeof inner === "string") roles.add(inner);
      walk(inner);
    }
  };
  for (const { entry, smoke, exit } of rollout.stages) walk([entry, smoke, exit]);
  for (const source of Object.values(rollout.sources ?? {}))
    for (const role of rolesOfSource(source)) roles.add(role);
  return roles;
}
