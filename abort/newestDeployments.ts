import {
  type AppConfigClient,
  type DeploymentSummary,
  GetDeploymentCommand,
  ListDeploymentsCommand,
} from "@aws-sdk/client-appconfig";
import { persist } from "./persist";

/** A deployment, as far as an abort needs to know it. */
export interface Summary {
  readonly number: number;
  /** In AppConfig's words. */
  readonly state: string;
  readonly version: string;
  /** Absent where the listing does not say. */
  readonly profile: string | undefined;
  /** How long it takes, with its bake time, by its strategy. */
  readonly minutes: number;
}

const PAGE = 50;

/**
 * The newest deployments, newest first. AWS lists them so, and one page is enough: what is live is among the last
 * few. The emulator lists the oldest fifty and no more; the newer ones are found by their numbers.
 */
export async function newestDeployments(
  client: AppConfigClient,
  ApplicationId: string,
  EnvironmentId: string,
  patience: number,
): Promise<Summary[]> {
  const target = { ApplicationId, EnvironmentId };
  const listed: Summary[] = [];
  let NextToken: string | undefined;
  do {
    const request = new ListDeploymentsCommand({ ...target, MaxResults: PAGE, NextToken });
    const page = await persist(() => client.send(request), patience);
    listed.push(...(page.Items ?? []).map(summaryOf));
    NextToken = page.NextToken;
    // After a long row of rollbacks the live one stands further back.
  } while (NextToken && !listed.some(({ state }) => state === "COMPLETE"));
  const oldestFirst = (listed[0]?.number ?? 0) < (listed.at(-1)?.number ?? 0);
  if (oldestFirst && listed.length === PAGE) {
    const get = (DeploymentNumber: number) =>
      persist(() => client.send(new GetDeploymentCommand({ ...target, DeploymentNumber })), patience).then(
        summaryOf,
        (error: Error) => {
          if (error.name === "ResourceNotFoundException") return undefined;
          throw error;
        },
      );
    for (let next = (listed.at(-1)?.number ?? 0) + 1; ; next++) {
      const found = await get(next);
      if (!found) break;
      listed.push(found);
    }
  }
  return listed.sort((a, b) => b.number - a.number);
}

function summaryOf(item: DeploymentSummary): Summary {
  return {
    number: item.DeploymentNumber ?? 0,
    state: item.State ?? "",
    version: item.ConfigurationVersion ?? "",
    profile: item.ConfigurationProfileId,
    minutes: (item.DeploymentDurationInMinutes ?? 0) + (item.FinalBakeTimeInMinutes ?? 0),
  };
}
