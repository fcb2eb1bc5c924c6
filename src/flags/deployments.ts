import {
  type AppConfigClient,
  type DeploymentSummary,
  GetDeploymentCommand,
  ListDeploymentsCommand,
} from "@aws-sdk/client-appconfig";
import { unlessNamed } from "../aws/failure";
import { persist } from "../aws/persist";

/** A deployment, as far as the listing tells of it. */
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

/** The environment whose deployments are listed. */
export interface Target {
  readonly ApplicationId: string;
  readonly EnvironmentId: string;
}

/** How far back to look, and how patiently. */
export interface Reach {
  /** Whether the newest ones, as listed so far, are enough. */
  enough(newest: readonly Summary[]): boolean;
  /** For how many ms a call is repeated that AWS throttles; 0 for what the client does by itself. */
  readonly patience: number;
}

const PAGE = 50;

/**
 * The newest deployments, newest first, at least until they are `enough`. AWS lists them in this order. The emulator
 * lists the oldest fifty and no more; the newer ones are found by their numbers, which rise by one.
 */
export async function newestDeployments(
  client: AppConfigClient,
  target: Target,
  { enough, patience }: Reach,
): Promise<Summary[]> {
  const listed: Summary[] = [];
  let NextToken: string | undefined;
  let oldestFirst = false;
  do {
    const request = new ListDeploymentsCommand({ ...target, MaxResults: PAGE, NextToken });
    const page = await persist(() => client.send(request), patience);
    listed.push(...(page.Items ?? []).map(summaryOf));
    NextToken = page.NextToken;
    oldestFirst = (listed[0]?.number ?? 0) < (listed.at(-1)?.number ?? 0);
  } while (NextToken && (oldestFirst || !enough(listed)));
  if (oldestFirst && listed.length === PAGE) listed.push(...(await unlisted()));
  return listed.sort((a, b) => b.number - a.number);

  async function unlisted(): Promise<Summary[]> {
    const last = listed.at(-1)?.number ?? 0;
    const found: Summary[] = [];
    for (let number = await newestAfter(last); number > last && !enough(found); number--) {
      const one = await get(number);
      if (one) found.push(one);
    }
    return found;
  }

  /** The highest number that there is: in strides that double, then by halves. */
  async function newestAfter(last: number): Promise<number> {
    let [there, stride] = [last, 1];
    while (await get(there + stride)) {
      there += stride;
      stride *= 2;
    }
    for (let missing = there + stride; missing - there > 1; ) {
      const middle = Math.floor((there + missing) / 2);
      if (await get(middle)) there = middle;
      else missing = middle;
    }
    return there;
  }

  async function get(DeploymentNumber: number): Promise<Summary | undefined> {
    const command = new GetDeploymentCommand({ ...target, DeploymentNumber });
    const call = persist(() => client.send(command), patience);
    const found = await unlessNamed(/^ResourceNotFoundException$/, undefined, call);
    return found && summaryOf(found);
  }
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
