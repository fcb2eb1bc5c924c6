import { listOf, type Rule } from "../../rule";
import { allAt, deploymentsOf, profilePath, versionsOf } from "./reading";
import { compiled, schemasOf, violation } from "./validators";

/** What a deployment is in that has not come to its end. */
const UNDER_WAY: readonly string[] = ["VALIDATING", "DEPLOYING", "BAKING", "ROLLING_BACK"];
/** AppConfig's quota of hosted versions, which a person may have raised. Source: AppConfig's endpoints and quotas. */
const MOST_VERSIONS = 100;
/** Likewise, in an account and region, and in an application. */
const MOST_STRATEGIES = 20;
const MOST_ENVIRONMENTS = 20;

/** What AppConfig refuses. */
export const APPCONFIG_RULES: readonly Rule[] = [
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
    when: async (input, { raw, scope }, { upstream }) => {
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
      const strategies = await allAt("/deploymentstrategies", scope, upstream);
      // Those that AWS brings along do not count.
      const own = strategies.filter(({ Id }) => !String(Id).startsWith("AppConfig."));
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
      const environments = await allAt(`/applications/${ApplicationId}/environments`, scope, upstream);
      return environments.length >= MOST_ENVIRONMENTS
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
    when: async (input, { scope }, { upstream }) => {
      const deployments = await deploymentsOf(input, scope, upstream);
      const busy = deployments.find(({ State }) => UNDER_WAY.includes(String(State)));
      return busy
        ? `Cannot delete environment ${input.EnvironmentId} because deployment ${busy.DeploymentNumber} is in progress`
        : undefined;
    },
  },
];
