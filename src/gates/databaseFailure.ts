import { type Failure, type FailureKind, failed } from "../aws/failure";
import { reasonOf } from "../text/problem";
import type { GateLogin } from "./databaseConnection";
import { loginFailure } from "./loginFailure";
import { certificateFailure } from "./tls";

/** What a server's error holds of its own, as the driver passes it on. */
interface ServerError {
  /** SQLSTATE, or the client's own code. */
  readonly code?: string;
  /** Only a server says how severe it is. */
  readonly severity?: string;
  /** The function of the server that it comes from. */
  readonly routine?: string;
  /** Where in the statement, as it was sent, the error is. */
  readonly position?: string;
}

/**
 * Why a statement has no value, as an observation. A server's errors quote the data that they stumble over, in the
 * words of its language: they are told by their SQLSTATE, in words of our own.
 *
 * @param asked what was asked: what the server repeats of it is no data
 * @param login as whom; absent for the administrator
 */
export function databaseFailure(error: unknown, asked: string, login?: GateLogin): Failure {
  const { code = "", severity, routine } = error as ServerError;
  const said = reasonOf(error);
  const notLetIn = loginFailure(error, login);
  if (notLetIn !== undefined) return failed("refused", notLetIn);
  if (severity === undefined) {
    const unbelieved = certificateFailure(code, said);
    return unbelieved === undefined ? failed(failureOf(code, said), said) : failed("unreachable", unbelieved);
  }
  const message = `${wordsOf(error as ServerError, said, asked)} (SQLSTATE ${code})`;
  // The server's own words for it depend on its language; where they come from does not.
  if (code === "42501" && routine === "check_enable_rls") return failed("filtered", message);
  // PgBouncer has one code for all that it refuses, and one language.
  if (code === "08P01" && /^(?:SASL |password )?authentication failed|^no such user/i.test(said))
    return failed("refused", message);
  // Supavisor's own, with the code of whatever is wrong with a server. Source: its lib/supavisor/client_handler.ex.
  if (code === "XX000" && /^tenant or user not found/i.test(said))
    return failed(
      "refused",
      "the pooler knows no such project and login: see database.host, as Supabase's Connect dialog has it, and database.login.tenant (SQLSTATE XX000)",
    );
  return failed(failureOf(code), message);
}

/**
 * Whether the connection, or the server's snapshot, went away in the middle: a failover, a pooler that restarts, a standby
 * that has to go on. Asked again, it may well answer. What took too long, or was refused, is none of them.
 */
export function isLost(error: unknown): boolean {
  const { code = "", severity } = error as ServerError;
  if (severity !== undefined) return /^(?:08|57P0[1-4]|40001$)/.test(code);
  return failureOf(code, reasonOf(error)) === "unreachable";
}

/** SQLSTATE (or the client's own code) as a kind of failure. Only what the client itself says is told by its words. */
function failureOf(code: string, said = ""): FailureKind {
  if (["57014", "55P03", "25P03"].includes(code) || /timeout/i.test(said)) return "timeout";
  if (["42501", "25006", "28P01", "28000"].includes(code)) return "refused";
  // A standby that has to go on cuts statements off by 40001.
  if (/^(08|57P|53|40001$)/.test(code) || /^E[A-Z_]+$/.test(code) || /terminat|closed|ended/i.test(said))
    return "unreachable";
  return "bad-answer";
}

/** Classes of errors about the statement, rights, sessions and the server: they name objects, and no data. */
const NAMES_OBJECTS = /^(?:08|25|26|28|34|3D|3F|42|53|54|55|57|58)/;
/** Where functions of a database's own raise what they like, whatever code they put to it. */
const RAISED = /^(?:exec_stmt_raise|PLy_|plperl|pltcl|do_util_elog)/;

function wordsOf({ code = "", routine = "", position }: ServerError, said: string, asked: string): string {
  // What is found while a statement is read, before it runs, is about its own words.
  const own = position !== undefined || (NAMES_OBJECTS.test(code) && !RAISED.test(routine));
  if (own) return withoutData(said, asked);
  const name = CONDITIONS[code] ?? CLASSES[code.slice(0, 2)] ?? "the server reports an error";
  return `${name}; what the server says of it may quote data, and is left out`;
}

/** From the first thing that the server quotes to the last: kept where all of it stands in what was asked. */
function withoutData(said: string, asked: string): string {
  const quoted = /["«»„“‘'(].*["«»”’')]/.exec(said)?.[0];
  if (quoted === undefined) return said;
  const pieces = quoted.split(/["«»„“”‘’'()]/).map((piece) => piece.trim());
  const known = pieces.filter((_, index) => index % 2 === 1).every((piece) => asked.includes(piece));
  const between = pieces
    .filter((_, index) => index % 2 === 0)
    .join(" ")
    .split(/\s+/);
  const ours = between.every((word) => word === "" || CONNECTING.has(word) || asked.includes(word));
  return known && ours ? said : said.replace(quoted, "[left out]");
}

/** Words that the server writes between two names. */
const CONNECTING = new Set(
  "of in on for to is are not and or the at near type column table relation schema function does exist".split(
    " ",
  ),
);

/** What PostgreSQL calls the errors that a gate meets, by SQLSTATE. */
const CONDITIONS: Readonly<Record<string, string>> = {
  "21000": "a query in the place of one value yields several rows",
  "22001": "a text is too long for its type",
  "22003": "a number is out of the range of its type",
  "22004": "a null stands where none may",
  "22007": "a date or time cannot be read",
  "22008": "a date or time is out of range",
  "22012": "a division by zero",
  "22021": "a text is not in the encoding of the database",
  "2201B": "a regular expression cannot be read",
  "22023": "a function is given a value that it does not take",
  "22032": "JSON cannot be read",
  "22P02": "a value cannot be read as the type that is asked for",
  "22P05": "a character cannot be written in the other encoding",
  "40001": "the transaction collided with another one",
  "40P01": "two transactions waited for each other",
  P0001: "a function raised an error",
};

/** By the first two characters of it. */
const CLASSES: Readonly<Record<string, string>> = {
  "0A": "the server does not support that",
  "21": "a query yields another number of rows than is asked for",
  "22": "a value cannot be worked with",
  "23": "a constraint does not hold",
  "38": "a function outside of the server failed",
  "39": "a function outside of the server failed",
  "40": "the transaction was rolled back",
  "44": "a check option does not hold",
  F0: "the server's configuration cannot be read",
  HV: "another server, whose tables are asked here, reports an error",
  P0: "a function raised an error",
  XX: "the server reports an error of its own",
};
