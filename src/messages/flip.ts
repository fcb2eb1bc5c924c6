import { setTimeout as sleep } from "node:timers/promises";
import { AppConfigClient, GetDeploymentCommand } from "@aws-sdk/client-appconfig";
import { withClient } from "../aws/clients";
import type { FlagStore } from "../flags/readLedger";
import { UserError } from "../text/problem";

const PAUSE_MS = 500;

/**
 * When a deployment was completed, ISO 8601: the time that a stage's timed messages count from, as AppConfig keeps
 * it, so that every later run reads the very same. One that is still under way is waited for, since AWS starts
 * deployments without waiting; after `patienceMs` its start has to do.
 */
export async function completionOf(
  store: Pick<FlagStore, "applicationId" | "environmentId" | "region">,
  deployment: number,
  patienceMs = 60_000,
): Promise<string> {
  const { applicationId: ApplicationId, environmentId: EnvironmentId, region } = store;
  const asked = new GetDeploymentCommand({ ApplicationId, EnvironmentId, DeploymentNumber: deployment });
  const ends = Date.now() + patienceMs;
  return withClient(AppConfigClient, { region }, async (client) => {
    for (;;) {
      const { CompletedAt, StartedAt, State } = await client.send(asked);
      const over = State !== "DEPLOYING" && State !== "VALIDATING" && State !== "BAKING";
      const time = CompletedAt ?? (over || Date.now() > ends ? StartedAt : undefined);
      if (time) return time.toISOString();
      if (Date.now() > ends)
        throw new UserError(`AppConfig does not say when deployment ${deployment} began`, []);
      await sleep(PAUSE_MS);
    }
  });
}
