import type { Input, Scope } from "../../call";
import { listOf } from "../../rule";
import type { Upstream } from "../../upstream";

/** What the emulator is asked for, which lists no more than that. */
const ALL = 1_000_000;

/** All that the emulator lists at a path. */
export async function allAt(path: string, scope: Scope, upstream: Upstream): Promise<readonly Input[]> {
  return listOf((await upstream.get("appconfig", `${path}?max_results=${ALL}`, scope)).Items);
}

/** Where a profile is. */
export const profilePath = ({ ApplicationId, ConfigurationProfileId }: Input) =>
  `/applications/${ApplicationId}/configurationprofiles/${ConfigurationProfileId}`;

/** Every hosted version of a profile. */
export const versionsOf = (input: Input, scope: Scope, upstream: Upstream) =>
  allAt(`${profilePath(input)}/hostedconfigurationversions`, scope, upstream);

/** Every deployment in an environment. */
export const deploymentsOf = ({ ApplicationId, EnvironmentId }: Input, scope: Scope, upstream: Upstream) =>
  allAt(`/applications/${ApplicationId}/environments/${EnvironmentId}/deployments`, scope, upstream);
