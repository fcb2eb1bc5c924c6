import { z } from "zod";
import { milliseconds, showDuration } from "../../text/duration";
import { quoted, shell } from "../../text/markdown";
import { tellWhere } from "../../text/problem";
import { target } from "../../text/target";
import { turnedAwayBy } from "../answer";
import { curl } from "../byHand";
import { definition, maxAge, NEEDS_DATABASE, NEEDS_SERVICE, role, text, timeout } from "../common";
import { kindOfGate, lacking } from "../kind";
import type { DatabaseHost } from "../providers/provider";
import { PROVIDER_NAMES, PROVIDERS } from "../providers/registry";
import { reachedAs } from "../reachedAs";
import { type HttpRequest, request } from "../request";
import { atMost } from "../strength";
import { CLOCK_SKEW_MS, fail, inconclusive, pass, showTime } from "../verdict";

const schema = definition("providerBackup", {
  provider: z.enum(PROVIDER_NAMES).describe("Who runs the database, and takes the backups."),
  project: text.min(1).meta({
    description: `Which database: on Supabase ${PROVIDERS.supabase.project.words}; on Render ${PROVIDERS.render.project.words}.`,
    examples: ["abcdefghijklmnopqrst"],
  }),
  as: role.meta({
    description: "Whose token is sent to the provider's API: the secret config key `cutover:token-ROLE`.",
    examples: ["provider"],
  }),
  maxAge: maxAge("24h", "backup"),
  reachedAs: reachedAs("CNAME of the project's host")
    .optional()
    .describe(
      "Another name under which the gates reach this database. Left out, `database.host` must be one of the provider's for it.",
    ),
  url: target.optional().describe("The provider's API, where it is reached otherwise. Left out: its own."),
  timeout: timeout("10s"),
}).describe(
  "The provider of the database that the gates read has a completed backup of it, from after what is live went live. What is in it, and of which server it is, no provider says: for that, take a dump (`source: backup`).",
);

export type ProviderBackupGate = z.infer<typeof schema>;

const apiOf = ({ provider, url }: ProviderBackupGate): string => url ?? PROVIDERS[provider].url;

/** What is asked of the provider. */
export function requestOf(gate: ProviderBackupGate): HttpRequest {
  const { provider, project, as } = gate;
  return request.parse({ url: apiOf(gate), path: PROVIDERS[provider].path(project), as });
}

function tied({ provider, project, reachedAs }: ProviderBackupGate, at: DatabaseHost): boolean {
  return reachedAs === undefined ? PROVIDERS[provider].isOf(project, at) : reachedAs.host === at.host;
}

/** A backup that the database's provider took by itself. */
export const providerBackup = kindOfGate({
  schema,
  sees: z.strictObject({
    kind: z.literal("providerBackup"),
    status: z.number().int(),
    /** Those that the API told of, the newest first; as many as anybody looks at. Absent where its answer was none. */
    backups: z.array(z.strictObject({ at: z.string(), state: z.string() })).optional(),
    /** Since when the flags are live that a promotion changes: what was written since is in no earlier backup. */
    liveSince: z.iso.datetime().optional(),
  }),
  facts: {
    /** Where the gates reach the database. */
    reached: z.strictObject({ host: z.string(), tenant: z.string().optional() }).optional(),
  },
  phases: ["entry"],
  keepsData: true,
  elsewhere: (definition) => [apiOf(definition)],
  roles: ({ as }) => [as],
  bind: (_, { rollout: { database } }) => {
    if (!database) return {};
    const { host, login } = database;
    return { reached: { host, ...(login?.tenant === undefined ? {} : { tenant: login.tenant }) } };
  },
  fieldErrors: ({ provider, project }, { rollout }) => {
    const { pattern, words } = PROVIDERS[provider].project;
    return [
      ...lacking(rollout.database !== undefined, NEEDS_DATABASE),
      ...lacking(rollout.service !== undefined, NEEDS_SERVICE),
      ...tellWhere(!pattern.test(project), {
        path: ["project"],
        what: `is no database of ${PROVIDERS[provider].title}`,
        remedy: `Write ${words}`,
      }),
    ];
  },
  strength: { maxAge: atMost("accepts an age of"), timeout: atMost("may take") },
  required: ({ definition: { provider, project, maxAge } }) =>
    `a completed backup of ${project} by ${PROVIDERS[provider].title}, ≤ ${maxAge} old, of the database that the gates read`,
  measured: (definition, { service }) => ({
    how: `${quoted(`GET ${apiOf(definition)}${requestOf(definition).path}`)} as ${quoted(definition.as)}`,
    ...(service ? { run: shell([curl(service.url, requestOf(definition))]) } : {}),
  }),
  turnedAway: ({ definition }, { status }) => {
    const why = turnedAwayBy(status, definition.as);
    return why && `${PROVIDERS[definition.provider].title} ${why}`;
  },
  judge({ definition, reached }, { status, backups, liveSince }, { now }) {
    const { provider, project, maxAge } = definition;
    const { title } = PROVIDERS[provider];
    if (!reached) return inconclusive("no database is declared", "Add database: to cutover:rollout");
    if (!tied(definition, reached))
      return fail(
        `the gates read ${reached.host}${reached.tenant === undefined ? "" : ` (${reached.tenant})`}, which is no host of ${title}'s ${project}: its backup is of another database`,
        `Let project name the database of the gates. Where ${reached.host} is another name of it, say so: reachedAs: { host: ${reached.host}, because: … }`,
      );
    if (status !== 200 || backups === undefined)
      return inconclusive(
        `${title} answered ${status}, and no list of backups`,
        "Look at its status page, and at what the token may read",
      );
    const done = backups.filter(({ state }) => state === "completed");
    const [newest] = done;
    const wait = `Wait for ${title}'s next backup, or take a dump of your own (source: backup)`;
    if (!newest)
      return fail(
        `${title} has no completed backup of ${project}${backups[0] ? `: the newest of ${backups.length} is ${backups[0].state}` : ""}`,
        wait,
      );
    const taken = Date.parse(newest.at);
    const age = now - taken;
    if (!(age >= -CLOCK_SKEW_MS))
      return inconclusive(`it is not known when the backup of ${project} was taken`, wait);
    const told = `${title}'s backup of ${project} was taken ${showDuration(age)} ago`;
    if (age > milliseconds(maxAge)) return fail(told, wait);
    if (liveSince !== undefined && !(taken >= Date.parse(liveSince)))
      return fail(`${told}, before what is live went live, at ${showTime(liveSince)}`, wait);
    return pass(`${told}; what is in it is not known`);
  },
});
