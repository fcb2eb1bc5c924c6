import { GetSecretValueCommand, SecretsManagerClient } from "@aws-sdk/client-secrets-manager";
import { withClient } from "../aws/clients";
import { failed } from "../aws/failure";
import type { Ledger } from "../flags/ledger";
import { readLedger } from "../flags/readLedger";
import { type DatabaseConnection, secretsOfLogin } from "../gates/databaseConnection";
import { type Gate, kindOf, rolesOf, sendsToken } from "../gates/gate";
import type { Sources } from "../gates/look";
import type { Observation } from "../gates/observation";
import { askQueries } from "../imports/ask";
import { STUCK_MS } from "../imports/baseline";
import { figuresOf, NO_ANSWERS, showSpan } from "../imports/figures";
import { AwsPost } from "../messages/post";
import type { MessagesWorld } from "../messages/sendDue";
import { unlooked } from "../messages/summary";
import { observe, withSql } from "../promotion/measure";
import type { MessageQuery } from "../rollout/config/messages";
import { reasonOf } from "../text/problem";
import { secretsOut } from "../text/redact";
import { inTime } from "./inTime";
import { type MessagesSecret, messagesSecretOf } from "./messagesSecret";
import type { MessagesSettings } from "./messagesSettings";

/** How long one gate may take here, whatever its own timeout says: what is due is said in time, without it. */
const GATE_LIMIT_MS = 40_000;

/** Looks at one gate; throws nothing. */
type Look = (gate: Gate) => Promise<Observation>;

/** The messages function's world in AWS, with the credentials of whoever runs it. */
export function awsWorld(settings: MessagesSettings, log: (entry: object) => void): MessagesWorld {
  const { of, store, sentGroup } = settings;
  const post = new AwsPost(store.region, sentGroup);
  return {
    ledger: () => readLedger(store, of.specs),
    measure: (gates, ledger) => measureAll(settings, gates, ledger),
    ask: (ids, span) => askAll(settings, ids, span),
    publish: (topicArn, notice) => post.publish(topicArn, notice),
    sent: (attempt) => post.sent(attempt),
    keep: (key, message) => post.keep(key, message),
    log,
    now: Date.now,
  };
}

/** What a stage's gates are measured from here. */
function sourcesOf(settings: MessagesSettings, secret: MessagesSecret | undefined, ledger: Ledger): Sources {
  const { of, store, timeScale, sources } = settings;
  const { promoted, parameters, service, elsewhere, servers } = sources;
  const tokens = secret?.tokens ?? {};
  return {
    ledger,
    live: of.name,
    promoted,
    parameters,
    // None is carried: who asks for a gate by code does not ask here.
    checks: {},
    database: databaseOf(settings, secret),
    service: service === undefined ? undefined : { url: service, tokens },
    elsewhere: elsewhere && { sources: elsewhere, tokens },
    servers,
    region: store.region,
    timeScale,
  };
}

function databaseOf(
  { sources: { database, iam } }: MessagesSettings,
  secret: MessagesSecret | undefined,
): DatabaseConnection | undefined {
  const login = iam ?? secret?.login;
  return database && login && { ...database, ...login };
}

async function measureAll(
  settings: MessagesSettings,
  gates: readonly Gate[],
  ledger: Ledger,
): Promise<readonly Observation[]> {
  const secret = await readSecret(settings);
  const sources = sourcesOf(settings, "failure" in secret ? undefined : secret, ledger);
  return withSql(sources, (sql) => {
    const look: Look = (gate) =>
      "failure" in secret && needsSecret(gate, settings)
        ? Promise.resolve(unlooked(gate, failed("refused", secret.failure), Date.now()))
        : inTime(gate, observe(gate, sources, sql), GATE_LIMIT_MS);
    return Promise.all(gates.map(look));
  });
}

/** What a gate needs of the secret: the login, or a token. */
function needsSecret({ definition }: Pick<Gate, "definition">, { sources }: MessagesSettings): boolean {
  const logsIn = kindOf(definition).query !== undefined && sources.iam === undefined;
  return logsIn || sendsToken(definition) || rolesOf(definition, sources.elsewhere).length > 0;
}

async function askAll(
  settings: MessagesSettings,
  ids: readonly MessageQuery[],
  span: { readonly from: number; readonly to: number },
): Promise<Awaited<ReturnType<MessagesWorld["ask"]>>> {
  const { imports } = settings;
  const [since, until] = [new Date(span.from).toISOString(), new Date(span.to).toISOString()];
  const over = showSpan({ since, until }, imports?.baseline);
  const none = (why: string) => ({
    over,
    figures: [{ id: ids.join(", "), title: NO_ANSWERS, lines: [why] }],
  });
  const secret = settings.sources.iam ? undefined : await readSecret(settings);
  if (secret && "failure" in secret) return none(secret.failure);
  const database = databaseOf(settings, secret);
  if (!imports || !database) return none("the rollout maps no table of imports");
  try {
    const answers = await askQueries(database, imports.mapping, {
      ids,
      since,
      until,
      olderThanMs: STUCK_MS / settings.timeScale,
    });
    return {
      over,
      figures: answers.map((answer) =>
        figuresOf(
          answer,
          imports.baseline?.answers.find(({ id }) => id === answer.id),
        ),
      ),
    };
  } catch (error) {
    // The driver's words hold no password; whatever they quote, the login is not sent.
    const said = secretsOut({ secrets: secretsOfLogin(database) })(reasonOf(error));
    return none(`the database cannot be asked: ${said}`);
  }
}

/** The messages function's secret, read anew each time: it may have been changed meanwhile. Never throws. */
async function readSecret({
  store,
  sources: { secretArn },
}: MessagesSettings): Promise<MessagesSecret | { readonly failure: string }> {
  if (secretArn === undefined) return { tokens: {} };
  const { region } = store;
  const asked = new GetSecretValueCommand({ SecretId: secretArn });
  try {
    const answer = await withClient(SecretsManagerClient, { region }, (client) => client.send(asked));
    return messagesSecretOf(answer.SecretString ?? "");
  } catch (error) {
    return { failure: `the login cannot be read: ${reasonOf(error)}` };
  }
}
