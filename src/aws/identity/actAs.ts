import { reasonOf } from "../../text/problem";
import { type CredentialsProvider, callAs } from "../clients";
import { credentialsOf, environmentsOwn } from "./credentials";
import type { ProviderSettings } from "./provider";

/** How the SDK's environment calls a service that the provider names otherwise than in one word. */
const SERVICES: Readonly<Record<string, string>> = {
  cloudwatchlogs: "CLOUDWATCH_LOGS",
  logs: "CLOUDWATCH_LOGS",
  cloudwatchlog: "CLOUDWATCH_LOGS",
  cloudwatchevents: "EVENTBRIDGE",
  events: "EVENTBRIDGE",
  secretsmanager: "SECRETS_MANAGER",
};

/**
 * From now on this process calls AWS as the provider that is configured so: with its credentials, at its endpoints.
 *
 * @param region where STS is asked
 * @param instead hears why those credentials are not to be had, where the environment's own may stand in for them: on
 *   the way down nothing stands in the way
 */
export function actAs(
  settings: ProviderSettings,
  region: string,
  env: NodeJS.ProcessEnv = process.env,
  instead?: (why: string) => void,
): void {
  // The SDK reads these at each call.
  for (const [service, url] of Object.entries(settings.endpoints))
    env[`AWS_ENDPOINT_URL_${SERVICES[service] ?? service.toUpperCase()}`] = url;
  if (settings.noMetadata) env.AWS_EC2_METADATA_DISABLED = "true";
  const credentials = credentialsOf(settings, region, env);
  callAs({
    ...(credentials ? { credentials: instead ? orElse(credentials, region, instead) : credentials } : {}),
    ...(settings.fips === undefined ? {} : { useFipsEndpoint: settings.fips }),
    ...(settings.dualstack === undefined ? {} : { useDualstackEndpoint: settings.dualstack }),
  });
}

function orElse(
  own: CredentialsProvider,
  region: string,
  instead: (why: string) => void,
): CredentialsProvider {
  let said = false;
  return () =>
    own().catch(async (error: unknown) => {
      if (!said) instead(reasonOf(error));
      said = true;
      return (await environmentsOwn(region))();
    });
}
