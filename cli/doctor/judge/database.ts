import type { Known } from "../../../src/aws/known";
import { anyoneMay, borrowedRights, excessOf, type LoginReach } from "../../../src/gates/loginReach";
import { SCHEMA } from "../../../src/imports/queries/query";
import { short } from "../../../src/text/command";
import type { Locate } from "../../../src/text/problem";
import { type Finding, finder } from "../finding";
import type { Planned, SeenDatabase } from "../look/database";
import { AWAY } from "./gates";

const { ok, fault, hand, later, unknown } = finder("Database");

/** What was found of the gates' database. */
export interface DatabaseFacts {
  /** The first stage's stack, whose config has the administrator's login. */
  readonly first: string;
  readonly host: string;
  readonly administrator: Known<SeenDatabase> | "no-password";
  /** Absent where the first stage is not up: there is no gate role. */
  readonly gates?: Known<SeenDatabase> | undefined;
  /** Whether a function in the VPC looks at it as the gate role. */
  readonly away?: boolean;
  readonly locate: Locate;
}

export function judgeDatabase({ first, host, administrator, gates, away, locate }: DatabaseFacts): Finding[] {
  const at = locate(first, ["cutover:rollout", "database"]);
  const connection = (name: string, seen: Known<SeenDatabase>, login: string): Finding =>
    seen.ok
      ? ok(
          name,
          `${seen.value.user} is let in to PostgreSQL ${seen.value.version}, ${seen.value.tls ? `over ${seen.value.tls}` : "without TLS"}`,
        )
      : fault(name, seen.why, remedyOf(seen.why, login), { where: at });
  const password = short.pulumi("config set", `-s ${first}`, "postgresql:password", "--secret");
  return [
    administrator === "no-password"
      ? fault("administrator", "has no password: the gates' role cannot be made", password, {
          where: `postgresql:password of ${first}`,
        })
      : connection("administrator", administrator, `Set the login anew: ${password}`),
    ...(administrator !== "no-password" && administrator.ok
      ? administrator.value.problems.map(({ where, what, remedy }) =>
          fault(`what ${host} has`, what, remedy, { where }),
        )
      : []),
    ...(away
      ? [hand("gate role", AWAY)]
      : gates === undefined
        ? [later("gate role", `made by the first ${short.ofStack("up", first)}`)]
        : [
            connection("gate role", gates, setBack(first)),
            ...(gates.ok && gates.value.reach ? reachFindings(gates.value.reach, at) : []),
          ]),
    ...plans(administrator, gates, locate, first),
  ];
}

/** `up` has nothing to change where only the server's side differs. */
const setBack = (first: string) =>
  `As the administrator, set the role's password back by alter role, to what this shows: ${short.pulumi("stack output", "gateLogin", "--show-secrets", `-s ${first}`)}; where the role is gone: ${short.ofStack("refresh", first)}, then ${short.ofStack("up", first)}`;

/** What whoever holds the gates' login could do with it. */
function reachFindings(reach: LoginReach, where: string): Finding[] {
  const borrowed = borrowedRights(reach);
  return [
    ok("what the gate role may", anyoneMay(reach)),
    ...excessOf(reach).map(({ what, remedy }) => fault("what the gate role may", what, remedy, { where })),
    ...(borrowed === undefined ? [] : [hand("what the gate role may call", borrowed)]),
  ];
}

/** A password is one cause of many. */
const remedyOf = (why: string, login: string): string =>
  /certificate|\bIAM\b/i.test(why)
    ? "Do as it says, then run doctor again"
    : /password|authentication|SQLSTATE 28/i.test(why)
      ? login
      : "Let this machine reach it: its security group, the subnet's routes, its name and its port";

/** What each row asks, as the gate role where there is one, and else as the administrator. */
function plans(
  administrator: DatabaseFacts["administrator"],
  gates: DatabaseFacts["gates"],
  locate: Locate,
  first: string,
): Finding[] {
  const seen = gates ?? (administrator === "no-password" ? undefined : administrator);
  if (!seen?.ok) return [];
  const nameOf = ({ stage, row }: Planned) => `${stage} ${row}`;
  const { planned } = seen.value;
  const broken = new Set(planned.filter(({ failure }) => failure).map(nameOf));
  const sound = [...new Set(planned.map(nameOf))].filter((name) => !broken.has(name));
  const as = gates ? "can be asked as the gate role" : "can be asked, as the administrator tried it";
  return [
    ...sound.map((name) => ok(name, as)),
    // Nothing is wrong with it: it only costs, and more with each row.
    ...seen.value.slow.map(({ stage, of, what }) => later(`${stage} ${of}`, what)),
    ...planned.flatMap((one) => (one.failure ? [broke(one, gates !== undefined, locate, first)] : [])),
  ];
}

/** What PostgreSQL says of a function, a schema, or a table that is not there. */
const NOT_THERE = ["42883", "3F000", "42P01"];

function broke(one: Planned, asGates: boolean, locate: Locate, first: string): Finding {
  const { stage, row, path, query, failure, code = "" } = one;
  const name = `${stage} ${row}`;
  if (!asGates && NOT_THERE.includes(code) && new RegExp(`\\b${SCHEMA}\\s*\\.`, "i").test(query))
    return later(name, `asks functions that the first ${short.ofStack("up", first)} makes`);
  const where = locate(stage, path);
  const what = failure?.message ?? "";
  if (failure?.failure === "timeout" || failure?.failure === "unreachable")
    return unknown(name, what, "Run doctor again; where it stays so, somebody holds a lock on what it reads");
  return fault(name, what, remedyFor(failure?.failure, first), { where });
}

function remedyFor(failure: string | undefined, first: string): string {
  if (failure === "refused")
    return `Name what it reads under cutover:rollout.database.reads, then ${short.ofStack("up", first)}`;
  if (failure === "filtered")
    return "Give the gate role BYPASSRLS, or ask through a SECURITY DEFINER function of the table's owner; where the row is to count only what the role may see, say so: rowSecurity: { intended: WHY }";
  return "Correct the query, or have the migration run that makes what it reads";
}
