import pg from "pg";
import { describe, expect, it } from "vitest";
import { databaseFailure } from "../../../src/gates/databaseFailure";

const S = "Sup3rS3cretVal";
const ASKED = "select total::int from orders where state = 'open'";

function told(code: string, message: string, more: object = {}) {
  const error = new pg.DatabaseError(message, message.length, "error");
  return databaseFailure(Object.assign(error, { code, severity: "ERROR", ...more }), ASKED);
}

it("a pooler that knows no such project refuses, and says where that is written", () => {
  expect(told("XX000", "Tenant or user not found")).toEqual({
    kind: "failure",
    failure: "refused",
    message: expect.stringContaining("database.login.tenant"),
  });
});

describe("a server's error", () => {
  it.each<[code: string, message: string, more?: object]>([
    ["22P02", `invalid input syntax for type integer: "${S}"`],
    ["22P02", `invalid input syntax for type integer: "a" ${S} "b"`],
    ["22P02", `malformed array literal: "${S}"`],
    ["22P02", `ungültige Eingabesyntax für Typ integer: »${S}«`],
    ["22P02", `syntaxe en entrée invalide pour le type integer : « ${S} »`],
    ["22003", `value "${S}" is out of range for type integer`],
    ["22008", `date/time field value out of range: "${S}"`],
    ["22021", `invalid byte sequence for encoding "UTF8": ${S}`],
    ["23514", `new row for relation "orders" violates check constraint ${S}`],
    ["P0001", `no customer is called ${S}`],
    ["42501", `nobody may see ${S}`, { routine: "exec_stmt_raise" }],
    ["42601", `syntax error in tsquery: "${S}"`],
    ["42601", `syntax error in tsquery: "open" ${S} "total"`],
    ["42P01", `relation "${S}" does not exist`],
    ["42883", `Funktion »${S}« existiert nicht`],
    ["XX000", `cache lookup failed for ${S}`],
    ["99999", S],
  ])("never repeats data: %s %s", (code, message, more = {}) => {
    const seen = told(code, message, more);
    expect(seen.message).not.toContain(S);
    expect(seen.message).toMatch(new RegExp(`^\\S[^]{8,} \\(SQLSTATE ${code}\\)$`));
    const detailed = told(code, message, { detail: `Key (a)=(${S})`, where: S, ...more });
    expect(detailed).toEqual(seen);
  });

  it.each([
    ["42703", 'column "total" does not exist'],
    ["42601", 'syntax error at or near "orders"'],
    ["42703", 'column "total" of relation "orders" does not exist'],
    ["42501", "permission denied for table orders"],
    ["25006", "cannot execute DELETE in a read-only transaction"],
    ["57014", "canceling statement due to statement timeout"],
  ])("about what was asked is told as it is: %s %s", (code, message) => {
    expect(told(code, message).message).toBe(`${message} (SQLSTATE ${code})`);
  });

  it.each([
    ["57014", "storniere Anweisung wegen Zeitüberschreitung", "timeout"],
    ["55P03", "storniere Anweisung wegen Zeitüberschreitung einer Sperre", "timeout"],
    ["25P03", "beende Verbindung", "timeout"],
    ["42501", "keine Berechtigung für Tabelle orders", "refused"],
    ["28P01", "Passwort-Authentifizierung für Benutzer »x« fehlgeschlagen", "refused"],
    ["57P01", "breche Verbindung ab aufgrund von Anweisung des Administrators", "unreachable"],
    ["53300", "tut mir leid, schon zu viele Verbindungen", "unreachable"],
    ["22P02", "timeout, terminated, closed", "bad-answer"],
  ])("is known by its code in any language: %s %s", (code, message, failure) => {
    expect(told(code, message).failure).toBe(failure);
  });

  it("about row-level security is one of its own", () => {
    const message = 'query would be affected by row-level security policy for table "orders"';
    expect(told("42501", message, { routine: "check_enable_rls" })).toEqual({
      kind: "failure",
      failure: "filtered",
      message: `${message} (SQLSTATE 42501)`,
    });
  });
});

it.each([
  [Object.assign(new Error("connect ECONNREFUSED 10.1.2.3:5432"), { code: "ECONNREFUSED" }), "unreachable"],
  [Object.assign(new Error("getaddrinfo EAI_AGAIN db"), { code: "EAI_AGAIN" }), "unreachable"],
  [new Error("Connection terminated unexpectedly"), "unreachable"],
  [new Error("Query read timeout"), "timeout"],
  [new Error("The server does not support SSL connections"), "bad-answer"],
])("the client's own error is told in its words: %s", (error, failure) => {
  expect(databaseFailure(error, "")).toEqual({ kind: "failure", failure, message: error.message });
});
