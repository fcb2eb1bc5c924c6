import { escapeIdentifier, escapeLiteral } from "pg";
import type { Inputs } from "../../plugin/spec";
import type { Row } from "../../plugin/table";
import type { Postgres } from "./session";

/** A row of the postgresql table; the function only lets the checker infer its inputs. */
export const row = <S extends Inputs>(row: Row<Postgres, S>): Row<Postgres, S> => row;

export const ident = (name: string): string => escapeIdentifier(name);
export const literal = (value: string): string => escapeLiteral(value);
export const idents = (names: readonly string[]): string => names.map(ident).join(", ");
/** `public` is not a role, but everybody. */
export const grantee = (role: string): string => (role.toLowerCase() === "public" ? "PUBLIC" : ident(role));

/** The parts of an id, for an import; undefined parts where the id is not of the given form. */
export function partsOf(id: string, form: string): string[] {
  const parts = id.split(".");
  if (parts.length !== form.split(".").length) throw new Error(`an id must have the form ${form}, not ${id}`);
  return parts;
}
