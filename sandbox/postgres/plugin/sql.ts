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
