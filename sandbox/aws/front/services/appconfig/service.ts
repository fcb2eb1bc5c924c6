import { answer } from "../../answer";
import type { Call, Input, Route } from "../../call";
import type { Service, World } from "../../rule";
import { whole } from "../whole";
import { descriptions } from "./descriptions";
import { fetches } from "./fetches";
import { deploymentsOf, versionsOf } from "./reading";
import { APPCONFIG_RULES } from "./rules";

const ENVIRONMENT = "/applications/{ApplicationId}/environments/{EnvironmentId}";
const PROFILE = "/applications/{ApplicationId}/configurationprofiles/{ConfigurationProfileId}";
/** AWS answers with pages of 50 at most. */
const PAGE = 50;
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

async function listDeployments(call: Call, { upstream }: World) {
  const deployments = await deploymentsOf(call.input, call.scope, upstream);
  return newestPage(call, deployments, "DeploymentNumber");
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
    rules: [...APPCONFIG_RULES, rule],
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
