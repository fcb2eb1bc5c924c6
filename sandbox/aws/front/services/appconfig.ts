import Ajv from "ajv-draft-04";
import { answer } from "../answer";
import type { Call, Input, Route, Scope } from "../call";
import { listOf, type RefusalText, type Rule, type Service, textOf, type World } from "../rule";
import type { Upstream } from "../upstream";
import { descriptions } from "./descriptions";
import { fetches } from "./fetches";
import { whole } from "./whole";

const ENVIRONMENT = "/applications/{ApplicationId}/environments/{EnvironmentId}";
const PROFILE = "/applications/{ApplicationId}/configurationprofiles/{ConfigurationProfileId}";
/** What a deployment is in that has not come to its end. */
const UNDER_WAY: readonly string[] = ["VALIDATING", "DEPLOYING", "BAKING", "ROLLING_BACK"];
/** AppConfig's quota of hosted versions, which a person may have raised. Source: AppConfig's endpoints and quotas. */
const MOST_VERSIONS = 100;
/** Likewise, in an account and region, and in an application. */
const MOST_STRATEGIES = 20;
const MOST_ENVIRONMENTS = 20;
/** AWS answers with pages of 50 at most. */
const PAGE = 50;
/** What the emulator is asked for, which lists no more than that. */
const ALL = 1_000_000;

const profilePath = ({ ApplicationId, ConfigurationProfileId }: Input) =>
  `/applications/${ApplicationId}/configurationprofiles/${ConfigurationProfileId}`;

/** The JSON schemas among a profile's validators. */
const schemasOf = (validators: unknown) =>
  listOf(validators).flatMap(({ Type, Content }) => (Type === "JSON_SCHEMA" ? [textOf(Content) ?? ""] : []));

const ROUTES: readonly Route[] = [
  { operation: "CreateApplication", method: "POST", path: "/applications" },
  { operation: "UpdateApplication", method: "PATCH", path: "/applications/{ApplicationId}" },
  { operation: "DeleteApplication", method: "DELETE", path: "/applications/{ApplicationId}" },
  { operation: "CreateEnvironment", method: "POST", path: "/applications/{ApplicationId}/environments" },
  { operation: "UpdateEnvironment", method: "PATCH", path: ENVIRONMENT },
  { operation: "DeleteEnvironment", method: "DELETE", path: ENVIRONMENT },
  {
    operation: "CreateConfigurationProfile",
    method: "POST",
    path: "/applications/{ApplicationId}/configurationprofiles",
  },
  { operation: "UpdateConfigurationProfile", method: "PATCH", path: PROFILE },
  { operation: "DeleteConfigurationProfile", method: "DELETE", path: PROFILE },
  {
    operation: "CreateHostedConfigurationVersion",
    method: "POST",
    path: `${PROFILE}/hostedconfigurationversions`,
  },
  {
    operation: "ListHostedConfigurationVersions",
    method: "GET",
    path: `${PROFILE}/hostedconfigurationversions`,
  },
  {
    operation: "GetHostedConfigurationVersion",
    method: "GET",
    path: `${PROFILE}/hostedconfigurationversions/{VersionNumber}`,
  },
  { operation: "CreateDeploymentStrategy", method: "POST", path: "/deploymentstrategies" },
  {
    operation: "UpdateDeploymentStrategy",
    method: "PATCH",
    path: "/deploymentstrategies/{DeploymentStrategyId}",
  },
  { operation: "ListDeployments", method: "GET", path: `${ENVIRONMENT}/deployments` },
  { operation: "StartDeployment", method: "POST", path: `${ENVIRONMENT}/deployments` },
];

const RULES: readonly Rule[] = [
  {
    id: "appconfig-schema",
    source:
      "https://docs.aws.amazon.com/appconfig/latest/userguide/appconfig-creating-configuration-and-profile-validators.html",
    refuses: "a validator whose JSON schema is none of draft 4",
    code: "BadRequestException",
    operations: ["CreateConfigurationProfile", "UpdateConfigurationProfile"],
    when: ({ Validators }) => {
      for (const schema of schemasOf(Validators)) {
        const wrong = compiled(schema).wrong;
        if (wrong !== undefined) return `Invalid JSON Schema: ${wrong}`;
      }
      return undefined;
    },
  },
  {
    id: "appconfig-validators",
    source:
      "https://docs.aws.amazon.com/appconfig/latest/userguide/appconfig-creating-configuration-and-profile-validators.html",
    refuses: "content that the validators of its profile do not accept",
    code: "BadRequestException",
    operations: ["CreateHostedConfigurationVersion"],
    when: async ({ ...input }, { raw, scope }, { upstream }) => {
      const profile = await upstream.get("appconfig", profilePath(input), scope);
      for (const schema of schemasOf(profile.Validators)) {
        const refused = violation(schema, raw.body.toString("utf8"));
        if (refused !== undefined) return refused;
      }
      return undefined;
    },
  },
  {
    id: "appconfig-versions",
    refuses: `a hosted version of a profile that holds ${MOST_VERSIONS}`,
    code: "ServiceQuotaExceededException",
    status: 402,
    operations: ["CreateHostedConfigurationVersion"],
    when: async (input, { scope }, { upstream }) =>
      (await versionsOf(input, scope, upstream)).length >= MOST_VERSIONS
        ? "The number of hosted configuration versions exceeds the limit for the AWS AppConfig hosted configuration store. Delete one or more versions and try again."
        : undefined,
  },
  {
    id: "appconfig-strategies",
    refuses: `a deployment strategy where there are ${MOST_STRATEGIES} already`,
    code: "ServiceQuotaExceededException",
    status: 402,
    operations: ["CreateDeploymentStrategy"],
    when: async (_input, { scope }, { upstream }) => {
      const { Items } = await upstream.get("appconfig", `/deploymentstrategies?max_results=${ALL}`, scope);
      // Those that AWS brings along do not count.
      const own = listOf(Items).filter(({ Id }) => !String(Id).startsWith("AppConfig."));
      return own.length >= MOST_STRATEGIES
        ? `You have reached the limit of ${MOST_STRATEGIES} deployment strategies`
        : undefined;
    },
  },
  {
    id: "appconfig-environments",
    refuses: `an environment of an application that has ${MOST_ENVIRONMENTS}`,
    code: "ServiceQuotaExceededException",
    status: 402,
    operations: ["CreateEnvironment"],
    when: async ({ ApplicationId }, { scope }, { upstream }) => {
      const path = `/applications/${ApplicationId}/environments?max_results=${ALL}`;
      const { Items } = await upstream.get("appconfig", path, scope);
      return listOf(Items).length >= MOST_ENVIRONMENTS
        ? `You have reached the limit of ${MOST_ENVIRONMENTS} environments in application ${ApplicationId}`
        : undefined;
    },
  },
  {
    id: "appconfig-profile-in-use",
    refuses: "deleting a profile that still has hosted versions",
    code: "BadRequestException",
    operations: ["DeleteConfigurationProfile"],
    when: async (input, { scope }, { upstream }) => {
      return (await versionsOf(input, scope, upstream)).length > 0
        ? `Cannot delete configuration profile ${input.ConfigurationProfileId} because there are still hosted configuration versions existing under it.`
        : undefined;
    },
  },
  {
    id: "appconfig-application-in-use",
    refuses: "deleting an application that still has environments or profiles",
    code: "BadRequestException",
    operations: ["DeleteApplication"],
    when: async ({ ApplicationId }, { scope }, { upstream }) => {
      const kinds = { environments: "environments", configurationprofiles: "configuration profiles" };
      for (const [path, words] of Object.entries(kinds)) {
        const { Items } = await upstream.get("appconfig", `/applications/${ApplicationId}/${path}`, scope);
        if (listOf(Items).length > 0)
          return `Cannot delete application ${ApplicationId}, because there are still ${words} existing under it`;
      }
      return undefined;
    },
  },
  {
    // "The request could not be processed because of conflict in the current state of the resource": DeleteEnvironment.
    id: "appconfig-environment-deploying",
    refuses: "deleting an environment while a deployment in it is under way",
    code: "ConflictException",
    status: 409,
    operations: ["DeleteEnvironment"],
    when: async ({ ApplicationId, EnvironmentId }, { scope }, { upstream }) => {
      const path = `/applications/${ApplicationId}/environments/${EnvironmentId}/deployments`;
      const { Items } = await upstream.get("appconfig", `${path}?max_results=${ALL}`, scope);
      const busy = listOf(Items).find(({ State }) => UNDER_WAY.includes(String(State)));
      return busy
        ? `Cannot delete environment ${EnvironmentId} because deployment ${busy.DeploymentNumber} is in progress`
        : undefined;
    },
  },
];

/** Every hosted version of a profile: the emulator lists no more than it is asked for. */
async function versionsOf(input: Input, scope: Scope, upstream: Upstream): Promise<readonly Input[]> {
  const path = `${profilePath(input)}/hostedconfigurationversions?max_results=${ALL}`;
  return listOf((await upstream.get("appconfig", path, scope)).Items);
}

async function listDeployments(call: Call, { upstream }: World) {
  const { ApplicationId, EnvironmentId } = call.input;
  const path = `/applications/${ApplicationId}/environments/${EnvironmentId}/deployments`;
  const { Items } = await upstream.get("appconfig", `${path}?max_results=${ALL}`, call.scope);
  return newestPage(call, listOf(Items), "DeploymentNumber");
}

/** The tags of a deployment are given with it; the emulator takes tags by themselves alone. */
async function startDeployment({ input, raw, scope }: Call, { upstream }: World) {
  const said = await whole(raw, upstream);
  const { ApplicationId, EnvironmentId, Tags } = input;
  if (said.status >= 300 || Tags === undefined) return said;
  const { DeploymentNumber } = JSON.parse(String(said.body)) as Input;
  const of = `application/${ApplicationId}/environment/${EnvironmentId}/deployment/${DeploymentNumber}`;
  const arn = `arn:aws:appconfig:${scope.region}:${scope.accessKey}:${of}`;
  await upstream.post("appconfig", `/tags/${encodeURIComponent(arn)}`, { Tags }, scope);
  return said;
}

/** A page as AWS lists it, the newest first; the emulator lists the oldest first. */
function newestPage(call: Call, items: readonly Input[], number: string) {
  const { max_results, next_token } = call.input;
  const newest = [...items].sort((a, b) => Number(b[number]) - Number(a[number]));
  // What comes between two pages shifts nothing: a page begins below a number.
  const below = next_token === undefined ? Number.POSITIVE_INFINITY : Number(next_token);
  const left = newest.filter((one) => Number(one[number]) < below);
  const page = left.slice(0, Math.min(Number(max_results ?? PAGE), PAGE));
  const last = page.at(-1)?.[number];
  return answer(call, { Items: page, ...(left.length > page.length && { NextToken: String(last) }) });
}

const FETCHED = "keeps who fetched what and when, for deletion protection";

/** AppConfig, with both of its services. */
export const appConfig = (): Service => {
  const { rule, answers, routes, controls, ...counted } = fetches();
  const described = descriptions();
  const listVersions = async (call: Call, { upstream }: World) => {
    const items = (await versionsOf(call.input, call.scope, upstream)).map((item) => ({
      ...item,
      Description: described.of(call.scope, call.input, item.VersionNumber) ?? item.Description,
    }));
    return newestPage(call, items, "VersionNumber");
  };
  return {
    name: "appconfig",
    reference: "https://docs.aws.amazon.com/appconfig/2019-10-09/APIReference/API_",
    routes: [...ROUTES, ...routes],
    rules: [...RULES, rule],
    answers: {
      ...answers,
      ...described.answers,
      ListDeployments: listDeployments,
      StartDeployment: startDeployment,
      ListHostedConfigurationVersions: listVersions,
    },
    mends: {
      StartConfigurationSession: FETCHED,
      GetLatestConfiguration: FETCHED,
      GetAccountSettings: "keeps what the account says of deletion protection",
      UpdateAccountSettings: "likewise",
      CreateEnvironment: "keeps when it was made, for deletion protection",
      CreateConfigurationProfile: "likewise",
      CreateHostedConfigurationVersion: "keeps the description",
      GetHostedConfigurationVersion: "tells the description",
      ListHostedConfigurationVersions: "lists the newest first, in pages of 50 at most, with descriptions",
      ListDeployments: "lists the newest first, in pages of 50 at most",
      StartDeployment: "keeps the tags",
    },
    controls,
    forget: () => {
      counted.forget();
      described.forget();
    },
  };
};

interface Compiled {
  readonly validate?: ReturnType<Ajv["compile"]>;
  readonly wrong?: string;
}

function compiled(schema: string): Compiled {
  try {
    return { validate: new Ajv({ strict: false, allErrors: true }).compile(JSON.parse(schema)) };
  } catch (error) {
    return { wrong: error instanceof Error ? error.message : String(error) };
  }
}

/** What AWS says of content that a schema does not accept. */
function violation(schema: string, content: string): RefusalText | undefined {
  const refused = (reason: string, details: readonly Input[]): RefusalText => ({
    message: `Error invoking validator: ${reason}`,
    more: { Reason: "InvalidConfiguration", Details: { InvalidConfiguration: details } },
  });
  let parsed: unknown;
  try {
    parsed = JSON.parse(content);
  } catch (error) {
    return refused(`the content is no JSON: ${error}`, [{ Type: "JSON_SCHEMA", Reason: String(error) }]);
  }
  const { validate } = compiled(schema);
  if (validate === undefined || validate(parsed)) return undefined;
  const details = (validate.errors ?? []).map(({ keyword, instancePath, message = "" }) => ({
    Type: "JSON_SCHEMA",
    Constraint: keyword,
    Location: instancePath,
    Reason: message,
  }));
  return refused(details.map(({ Location, Reason }) => `${Location} ${Reason}`).join("; "), details);
}
