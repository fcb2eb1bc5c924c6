import { type Failure, failed } from "../../aws/failure";
import type { Gate } from "../gate";
import { NO_DATABASE, type Sources } from "../look";
import type { Seen } from "../observation";
import { type DatabaseIdentity, IDENTITY_QUERY, identityIn } from "./manifest";

/** How long the server may take to say who it is. */
const TIMEOUT = "5s";

/**
 * Which database the gates read, by what its server says of itself: a name or an address may lead to another one tomorrow.
 * Where it lies in a private network, the rollout's measuring function asks. Throws nothing.
 *
 * @param gate the gate that wants to know
 */
export async function readIdentity(gate: Gate, sources: Sources): Promise<DatabaseIdentity | Failure> {
  const seen = await ask(gate, sources);
  if (seen?.kind === "failure") return seen;
  const identity = seen?.kind === "value" ? identityIn(seen.value) : undefined;
  return identity ?? failed("bad-answer", "the database does not say which server it is on");
}

async function ask({ id, phase, stage }: Gate, sources: Sources): Promise<Seen | undefined> {
  const { sql, away } = sources;
  const question = { query: IDENTITY_QUERY, values: [], timeout: TIMEOUT };
  if (sql) return sql.observe(question);
  if (!away) return NO_DATABASE;
  const definition = {
    source: "sql",
    title: "Which database it is",
    expect: { ne: "" },
    ...question,
  } as const;
  const [one] = await away.look([{ id, phase, stage, definition }], sources);
  return one?.seen;
}
