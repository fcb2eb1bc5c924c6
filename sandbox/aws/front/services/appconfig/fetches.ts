import type { Answer } from "../../answer";
import { type Call, header, type Scope } from "../../call";
import { numberOf, type Rule, textOf, type World } from "../../rule";
import { whole } from "../whole";
import { allAt } from "./reading";

/** Where a rehearsal says, below `/_front/`, how much time has passed since anybody fetched a configuration. */
export const FETCHED_AGO = "fetched";

const MINUTE = 60_000;
/** Without a check of its own, AppConfig leaves alone what is younger. Source: DeletionProtectionSettings. */
const YOUNG = 60 * MINUTE;
/** The period where the account sets none. Source: likewise. */
const PERIOD_MINUTES = 60;

interface Protection {
  readonly Enabled: boolean;
  readonly ProtectionPeriodInMinutes: number;
}

/** What one account in one region has fetched and made; times are milliseconds of the epoch. */
interface Account {
  protection: Protection;
  /** By what is fetched, an environment or a profile. */
  readonly fetched: Map<string, number>;
  readonly made: Map<string, number>;
}

/** Of what a session's next token stands for. */
type Session = readonly string[];

const idsOf = (named: Record<string, unknown>): string[] =>
  ["EnvironmentId", "ConfigurationProfileId"].flatMap((name) => textOf(named[name]) ?? []);

/**
 * AppConfig's count of who fetched what, which the emulator does not keep. It keeps an environment or a profile from being
 * deleted while somebody still reads it. Source: AppConfig's user guide, "Configuring deletion protection". AWS documents
 * that it answers with an error, and not with which.
 */
export function fetches() {
  const accounts = new Map<string, Account>();
  const sessions = new Map<string, Session>();

  const accountOf = ({ accessKey, region }: Scope): Account => {
    const key = `${accessKey}/${region}`;
    const account = accounts.get(key) ?? {
      protection: { Enabled: false, ProtectionPeriodInMinutes: PERIOD_MINUTES },
      fetched: new Map(),
      made: new Map(),
    };
    accounts.set(key, account);
    return account;
  };

  const rule: Rule = {
    id: "appconfig-fetched",
    source: "https://docs.aws.amazon.com/appconfig/latest/userguide/deletion-protection.html",
    refuses:
      "deleting an environment or a profile that was fetched within the protection period (60 minutes by default), where the call or the account asks for the check",
    code: "BadRequestException",
    operations: ["DeleteEnvironment", "DeleteConfigurationProfile"],
    when: (input, { scope, raw }, { now }) => {
      const { protection, fetched, made } = accountOf(scope);
      const check = header(raw, "x-amzn-deletion-protection-check") ?? "ACCOUNT_DEFAULT";
      const [id = ""] = idsOf({ ...input });
      const young = now() - (made.get(id) ?? Number.NEGATIVE_INFINITY) < YOUNG;
      if (check === "BYPASS" || (check !== "APPLY" && (!protection.Enabled || young))) return undefined;
      const at = fetched.get(id);
      return at !== undefined && now() - at < protection.ProtectionPeriodInMinutes * MINUTE
        ? `Cannot delete ${id}: its configuration was retrieved within the past ${protection.ProtectionPeriodInMinutes} minutes. To delete it anyway, specify BYPASS for the DeletionProtectionCheck parameter.`
        : undefined;
    },
  };

  /** Remembers what a session is of; its parts may be given by their names. */
  const startSession = async ({ input, raw, scope }: Call, { upstream }: World): Promise<Answer> => {
    const answer = await whole(raw, upstream);
    const token = answer.status < 300 ? tokenIn(answer) : undefined;
    if (token === undefined) return answer;
    const find = async (path: string, wanted: unknown): Promise<string> => {
      const items = await allAt(path, scope, upstream);
      const named = items.find(({ Id, Name }) => Id === wanted || Name === wanted);
      return textOf(named?.Id) ?? String(wanted);
    };
    const application = await find("/applications", input.ApplicationIdentifier);
    const within = `/applications/${application}`;
    sessions.set(
      token,
      await Promise.all([
        find(`${within}/environments`, input.EnvironmentIdentifier),
        find(`${within}/configurationprofiles`, input.ConfigurationProfileIdentifier),
      ]),
    );
    return answer;
  };

  const getLatest = async ({ input, raw, scope }: Call, { upstream, now }: World): Promise<Answer> => {
    const answer = await whole(raw, upstream);
    const used = textOf(input.configuration_token) ?? "";
    const of = sessions.get(used);
    if (of === undefined || answer.status >= 300) return answer;
    sessions.delete(used);
    const next = answer.headers["next-poll-configuration-token"];
    if (next !== undefined) sessions.set(next, of);
    for (const id of of) accountOf(scope).fetched.set(id, now());
    return answer;
  };

  const settings = async ({ input, scope }: Call): Promise<Answer> => {
    const account = accountOf(scope);
    const given = input.DeletionProtection as Partial<Protection> | undefined;
    account.protection = {
      Enabled: given?.Enabled ?? account.protection.Enabled,
      ProtectionPeriodInMinutes:
        numberOf(given?.ProtectionPeriodInMinutes) ?? account.protection.ProtectionPeriodInMinutes,
    };
    const body = JSON.stringify({ DeletionProtection: account.protection });
    return { status: 200, headers: { "content-type": "application/json" }, body };
  };

  /** The emulator names what it makes in its answer. */
  const make = async ({ raw, scope }: Call, { upstream, now }: World): Promise<Answer> => {
    const answer = await whole(raw, upstream);
    const id = answer.status < 300 ? textOf(JSON.parse(String(answer.body)).Id) : undefined;
    if (id !== undefined) accountOf(scope).made.set(id, now());
    return answer;
  };

  return {
    rule,
    routes: [
      { operation: "StartConfigurationSession", method: "POST", path: "/configurationsessions" },
      { operation: "GetLatestConfiguration", method: "GET", path: "/configuration" },
      { operation: "GetAccountSettings", method: "GET", path: "/settings" },
      { operation: "UpdateAccountSettings", method: "PATCH", path: "/settings" },
    ],
    answers: {
      StartConfigurationSession: startSession,
      GetLatestConfiguration: getLatest,
      GetAccountSettings: settings,
      UpdateAccountSettings: settings,
      CreateEnvironment: make,
      CreateConfigurationProfile: make,
    },
    controls: {
      [FETCHED_AGO]: async (body: unknown) => {
        const { ms } = body as { readonly ms: number };
        for (const { fetched } of accounts.values()) for (const [id, at] of fetched) fetched.set(id, at - ms);
      },
    },
    forget: () => {
      accounts.clear();
      sessions.clear();
    },
  };
}

function tokenIn({ body }: Answer): string | undefined {
  return textOf((JSON.parse(String(body)) as Record<string, unknown>).InitialConfigurationToken);
}
