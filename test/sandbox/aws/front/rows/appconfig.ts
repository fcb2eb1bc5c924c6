import type { Ask, Aws, Rows } from "./ask";

const PROFILE = { ApplicationId: "app", ConfigurationProfileId: "p" };
const PROFILE_PATH = "/applications/app/configurationprofiles/p";

const VERSIONS = `GET ${PROFILE_PATH}/hostedconfigurationversions?max_results=1000000`;

const version =
  (content: string): Ask =>
  ({ appconfig }, { says }) => {
    const schema = { type: "object", properties: { READ: { type: "boolean" } }, additionalProperties: false };
    says[`GET ${PROFILE_PATH}`] = { Validators: [{ Type: "JSON_SCHEMA", Content: JSON.stringify(schema) }] };
    const Content = Buffer.from(content);
    return appconfig.createHostedConfigurationVersion({
      ...PROFILE,
      Content,
      ContentType: "application/json",
    });
  };

const deleting =
  (...versions: number[]): Ask =>
  ({ appconfig }, { says }) => {
    const Items = versions.map((VersionNumber) => ({ VersionNumber }));
    says[VERSIONS] = { Items };
    return appconfig.deleteConfigurationProfile(PROFILE);
  };

/** One more where there are so many already. */
const versionBeside =
  (there: number): Ask =>
  ({ appconfig }, { says }) => {
    says[`GET ${PROFILE_PATH}`] = {};
    says[VERSIONS] = { Items: Array.from({ length: there }, (_, index) => ({ VersionNumber: index + 1 })) };
    const Content = Buffer.from("{}");
    return appconfig.createHostedConfigurationVersion({
      ...PROFILE,
      Content,
      ContentType: "application/json",
    });
  };

const strategy: Ask = ({ appconfig }) =>
  appconfig.createDeploymentStrategy({ Name: "s", DeploymentDurationInMinutes: 0, GrowthFactor: 100 });

const strategyBeside =
  (there: number): Ask =>
  (aws, front) => {
    const own = Array.from({ length: there }, (_, index) => ({ Id: `s${index}` }));
    front.says["GET /deploymentstrategies?max_results=1000000"] = {
      Items: [{ Id: "AppConfig.AllAtOnce" }, ...own],
    };
    return strategy(aws, front);
  };

const environmentBeside =
  (there: number): Ask =>
  (aws, front) => {
    const Items = Array.from({ length: there }, (_, index) => ({ Id: `e${index}` }));
    front.says["GET /applications/app/environments?max_results=1000000"] = { Items };
    return aws.appconfig.createEnvironment({ ApplicationId: "app", Name: "e" });
  };

const deletingApplication =
  (environments: number, profiles: number): Ask =>
  ({ appconfig }, { says }) => {
    const some = (count: number) => ({
      Items: Array.from({ length: count }, (_, index) => ({ Id: `${index}` })),
    });
    says["GET /applications/app/environments"] = some(environments);
    says["GET /applications/app/configurationprofiles"] = some(profiles);
    return appconfig.deleteApplication({ ApplicationId: "app" });
  };

const deletingEnvironment =
  (...states: string[]): Ask =>
  ({ appconfig }, { says }) => {
    const Items = states.map((State, index) => ({ DeploymentNumber: index + 1, State }));
    says["GET /applications/app/environments/e/deployments?max_results=1000000"] = { Items };
    return appconfig.deleteEnvironment({ ApplicationId: "app", EnvironmentId: "e" });
  };

const MINUTE = 60_000;
const LATER = 61 * MINUTE;

/** A server fetches; so many minutes later somebody deletes what it fetched. */
const fetchedBefore =
  (minutes: number, remove: (aws: Aws) => Promise<unknown>): Ask =>
  async (aws, front) => {
    const { says } = front;
    says[VERSIONS] = { Items: [] };
    says["POST /configurationsessions"] = { InitialConfigurationToken: "first" };
    says["GET /applications?max_results=1000000"] = { Items: [{ Id: "app", Name: "ops-view" }] };
    says["GET /applications/app/environments?max_results=1000000"] = { Items: [{ Id: "e", Name: "live" }] };
    says["POST /applications/app/environments"] = { Id: "e" };
    await aws.appconfig.createEnvironment({ ApplicationId: "app", Name: "live" });
    front.now += LATER;
    const { InitialConfigurationToken } = await aws.data.startConfigurationSession({
      ...{ ApplicationIdentifier: "ops-view", EnvironmentIdentifier: "live" },
      ConfigurationProfileIdentifier: "p",
    });
    await aws.data.getLatestConfiguration({ ConfigurationToken: InitialConfigurationToken });
    front.now += minutes * MINUTE;
    return remove(aws);
  };

const ENVIRONMENT = { ApplicationId: "app", EnvironmentId: "e" };
const protect = ({ appconfig }: Aws, Enabled: boolean, ProtectionPeriodInMinutes?: number) =>
  appconfig.updateAccountSettings({ DeletionProtection: { Enabled, ProtectionPeriodInMinutes } });
const checked = (DeletionProtectionCheck: "APPLY" | "BYPASS") => ({ DeletionProtectionCheck });

const profile =
  (schema: string): Ask =>
  ({ appconfig }) =>
    appconfig.createConfigurationProfile({
      ApplicationId: "app",
      Name: "p",
      LocationUri: "hosted",
      Validators: [{ Type: "JSON_SCHEMA", Content: schema }],
    });

export const appconfig: Rows = {
  "appconfig-schema": {
    refused: [profile("{"), profile('{"type":"flag"}')],
    taken: [profile('{"type":"object"}')],
    message: /Invalid JSON Schema/,
  },
  "appconfig-validators": {
    refused: [version('{"READ":1}'), version('{"WRITE":true}'), version("no JSON")],
    taken: [version('{"READ":true}')],
    message: /validator/,
  },
  "appconfig-versions": {
    refused: [versionBeside(100)],
    taken: [versionBeside(99)],
    message: /exceeds the limit/,
  },
  "appconfig-strategies": {
    refused: [strategyBeside(20)],
    taken: [strategyBeside(19)],
    message: /limit of 20/,
  },
  "appconfig-environments": {
    refused: [environmentBeside(20)],
    taken: [environmentBeside(19)],
    message: /limit of 20/,
  },
  "appconfig-profile-in-use": {
    refused: [deleting(1, 2)],
    taken: [deleting()],
    message: /still hosted configuration versions existing under it/,
  },
  "appconfig-application-in-use": {
    refused: [deletingApplication(1, 0), deletingApplication(0, 1)],
    taken: [deletingApplication(0, 0)],
    message: /still (environments|configuration profiles) existing under it/,
  },
  "appconfig-fetched": {
    refused: [
      fetchedBefore(59, ({ appconfig }) =>
        appconfig.deleteEnvironment({ ...ENVIRONMENT, ...checked("APPLY") }),
      ),
      fetchedBefore(0, ({ appconfig }) =>
        appconfig.deleteConfigurationProfile({ ...PROFILE, ...checked("APPLY") }),
      ),
      fetchedBefore(20, async (aws) => {
        await protect(aws, true);
        return aws.appconfig.deleteEnvironment(ENVIRONMENT);
      }),
    ],
    taken: [
      fetchedBefore(60, ({ appconfig }) =>
        appconfig.deleteEnvironment({ ...ENVIRONMENT, ...checked("APPLY") }),
      ),
      fetchedBefore(0, ({ appconfig }) => appconfig.deleteEnvironment(ENVIRONMENT)),
      fetchedBefore(20, async (aws) => {
        await protect(aws, true, 15);
        return aws.appconfig.deleteEnvironment(ENVIRONMENT);
      }),
      fetchedBefore(0, async (aws) => {
        await protect(aws, true);
        return aws.appconfig.deleteEnvironment({ ...ENVIRONMENT, ...checked("BYPASS") });
      }),
      // What is younger than an hour is left alone, unless the call asks.
      fetchedBefore(0, async (aws) => {
        await protect(aws, true);
        await aws.appconfig.createEnvironment({ ApplicationId: "app", Name: "live" });
        return aws.appconfig.deleteEnvironment(ENVIRONMENT);
      }),
    ],
    message: /retrieved within the past 60 minutes/,
  },
  "appconfig-environment-deploying": {
    refused: [deletingEnvironment("COMPLETE", "DEPLOYING"), deletingEnvironment("BAKING")],
    taken: [deletingEnvironment(), deletingEnvironment("COMPLETE", "ROLLED_BACK")],
    message: /in progress/,
  },
};
