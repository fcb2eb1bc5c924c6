import type { Plugin } from "../../plugin/table";
import { DefaultPrivileges } from "./rows/default-privileges";
import { Extension } from "./rows/extension";
import { Func } from "./rows/function";
import { Grant } from "./rows/grant";
import { Role } from "./rows/role";
import { Schema } from "./rows/schema";
import { config, openSession, type Postgres } from "./session";

export const postgresql: Plugin<Postgres> = {
  name: "postgresql",
  version: "3.18.1",
  config,
  rows: {
    "postgresql:index/schema:Schema": Schema,
    "postgresql:index/role:Role": Role,
    "postgresql:index/grant:Grant": Grant,
    "postgresql:index/defaultPrivileges:DefaultPrivileges": DefaultPrivileges,
    "postgresql:index/function:Function": Func,
    "postgresql:index/extension:Extension": Extension,
  },
  functions: {},
  open: openSession,
  explain(error) {
    const { message, code } = error as { message?: string; code?: string };
    const text = (message ?? String(error)).replaceAll(/\s+/g, " ").trim();
    return code ? `PostgreSQL answered ${code}: ${text}` : text;
  },
  /** No such database, schema, function, object or table: whatever was in it is gone as well. */
  isMissing: (error) =>
    ["3D000", "3F000", "42883", "42704", "42P01"].includes(String((error as { code?: string }).code)),
};
