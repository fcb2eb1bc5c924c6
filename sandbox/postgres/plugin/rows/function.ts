import * as z from "zod";
import type { Values } from "../../../plugin/spec";
import { ident, literal, row } from "../sql";

const inputs = {
  name: z.string().meta({ named: 63, replaces: true }),
  schema: z.string().optional().meta({ computed: true, replaces: true }),
  database: z.string().optional().meta({ computed: true, replaces: true }),
  args: z
    .array(
      z.object({
        type: z.string(),
        name: z.string().optional(),
        mode: z.string().default("IN"),
        default: z.string().optional().meta({ replaces: false }),
      }),
    )
    .optional()
    .meta({ replaces: true }),
  returns: z.string().optional().meta({ computed: true, replaces: true }),
  language: z.string().default("plpgsql").meta({ replaces: true }),
  body: z.string(),
  parallel: z.enum(["UNSAFE", "RESTRICTED", "SAFE"]).default("UNSAFE"),
  volatility: z.enum(["VOLATILE", "STABLE", "IMMUTABLE"]).default("VOLATILE"),
  strict: z.boolean().default(false),
  securityDefiner: z.boolean().default(false),
  dropCascade: z.boolean().default(false),
};

type Definition = Values<typeof inputs>;

/** Types, defaults and the result are SQL by nature; every name and the body are quoted. */
function define(schema: string, given: Definition): string {
  const args = (given.args ?? []).map(({ mode, name, type, default: value }) =>
    [mode, name && ident(name), type, value !== undefined && `DEFAULT ${value}`].filter(Boolean).join(" "),
  );
  return [
    `CREATE OR REPLACE FUNCTION ${ident(schema)}.${ident(given.name)}(${args.join(", ")})`,
    given.returns === undefined && hasResult(given) ? "" : `RETURNS ${given.returns ?? "void"}`,
    `LANGUAGE ${ident(given.language)}`,
    given.volatility,
    given.strict ? "STRICT" : "CALLED ON NULL INPUT",
    given.securityDefiner ? "SECURITY DEFINER" : "SECURITY INVOKER",
    `PARALLEL ${given.parallel}`,
    `AS ${literal(bare(given.body))}`,
  ].join("\n");
}

/** With OUT arguments, these are the result. */
function hasResult({ args = [] }: Definition): boolean {
  return args.some(({ mode }) => /OUT/i.test(mode));
}

/** The official plugin takes a body also with its quotes around it. */
function bare(body: string): string {
  return /^\s*AS\s+\$(\w*)\$(.*)\$\1\$\s*;?\s*$/is.exec(body)?.[2] ?? body;
}

/** What tells functions of one name apart, in the server's spelling of the types. */
const FOUND = `
  SELECT p.*, l.lanname, pg_get_function_result(p.oid) AS result,
         pg_get_function_identity_arguments(p.oid) AS args, ARRAY(SELECT jsonb_build_object(
           'mode', COALESCE(proargmodes[at], 'i'), 'name', COALESCE(proargnames[at], ''), 'type', format_type(type, NULL),
           'default', pg_get_function_arg_default(p.oid, at::int))
           FROM unnest(COALESCE(proallargtypes, proargtypes::oid[])) WITH ORDINALITY a(type, at) ORDER BY at) AS arguments,
         format('%s(%s)', proname, array_to_string(proargtypes::regtype[], ',')) AS signature
    FROM pg_proc p JOIN pg_language l ON l.oid = prolang JOIN pg_namespace n ON n.oid = pronamespace
   WHERE nspname = $1`;
const PARALLEL: Record<string, string> = { u: "UNSAFE", r: "RESTRICTED", s: "SAFE" };
const VOLATILITY: Record<string, string> = { v: "VOLATILE", s: "STABLE", i: "IMMUTABLE" };

function locate(id: string): { database: string; schema: string; signature: string } {
  const [, database, schema, signature] = /^([^.]+)\.([^.]+)\.(.+\(.*\))$/s.exec(id) ?? [];
  if (database && schema && signature) return { database, schema, signature };
  throw new Error(`an id must have the form database.schema.function(types), not ${id}`);
}

const MODES: Record<string, string> = { i: "IN", o: "OUT", b: "INOUT", v: "VARIADIC" };

interface Argument {
  readonly mode: string;
  readonly name: string;
  readonly type: string;
  readonly default: string | null;
}

/** As the server spells them, which is how the official plugin reads them; the columns of a result are none. */
function argsOf(found: readonly Argument[]) {
  return found
    .filter(({ mode }) => mode !== "t")
    .map(({ mode, name, type, default: value }) => ({
      type,
      ...(name !== "" && { name }),
      mode: MODES[mode] ?? mode,
      ...(value !== null && { default: value }),
    }));
}

export const Func = row({
  inputs,
  outputs: [],
  async create(postgres, given) {
    const database = given.database ?? postgres.database;
    return postgres.change(database, async (query) => {
      const [current] = given.schema
        ? [{ schema: given.schema }]
        : await query("SELECT current_schema AS schema");
      const schema = String(current?.schema);
      await query(define(schema, given));
      // The one just defined: its row was written by this very transaction.
      const mine = `${FOUND} AND proname = $2 AND p.xmin = pg_current_xact_id()::xid`;
      const [made] = await query(mine, [schema, given.name]);
      return `${database}.${schema}.${made?.signature}`;
    });
  },
  async read(postgres, id, known) {
    const { database, schema, signature } = locate(id);
    const here = `SELECT * FROM (${FOUND}) f WHERE signature = $2`;
    const [found] = await postgres.read(database, here, [schema, signature]);
    if (!found) return undefined;
    const body = String(found.prosrc);
    return {
      name: found.proname,
      schema,
      database,
      args: argsOf(found.arguments as Argument[]),
      // As the server spells it: an alias, such as `int`, is a new function to whoever compares.
      returns: found.result,
      language: found.lanname,
      body: known.body !== undefined && bare(known.body).trim() === body.trim() ? known.body : body,
      parallel: PARALLEL[String(found.proparallel)],
      volatility: VOLATILITY[String(found.provolatile)],
      strict: found.proisstrict,
      securityDefiner: found.prosecdef,
    };
  },
  async update(postgres, id, given) {
    const { database, schema } = locate(id);
    await postgres.change(database, (query) => query(define(schema, given)));
  },
  async delete(postgres, id, { dropCascade }) {
    const { database, schema, signature } = locate(id);
    await postgres.change(database, async (query) => {
      const here = `SELECT proname, oid::regprocedure AS full FROM (${FOUND}) f WHERE signature = $2`;
      const [found] = await query(here, [schema, signature]);
      // A regprocedure is text that the server has quoted itself.
      if (found) await query(`DROP FUNCTION ${found.full} ${dropCascade ? "CASCADE" : "RESTRICT"}`);
    });
  },
});
