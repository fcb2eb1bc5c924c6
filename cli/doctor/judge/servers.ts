import type { Known } from "../../../src/aws/known";
import { NO_FLAGS, NO_JSON } from "../../../src/gates/flagSource";
import type { Observation } from "../../../src/gates/observation";
import { short } from "../../../src/text/command";
import { type Finding, finder } from "../finding";

const { ok, fault, later, unknown } = finder("Servers");

/** What servers said of their flags. */
export interface ServerFacts {
  readonly seen: Observation["seen"];
  /** Whether the rollout has a flag store: without one, no server can have its flags. */
  readonly deployed: Known<boolean>;
  readonly first: string;
  readonly where: string;
}

/** A server that answered, and told no flags. What it says of the network is another matter. */
const answered = (error: string): boolean =>
  /^answered \d/.test(error) || error === NO_JSON || error.startsWith(NO_FLAGS);

export function judgeServers({ seen, deployed, first, where }: ServerFacts): Finding[] {
  if (seen.kind === "failure")
    return [
      fault("servers", seen.message, "See to it that its tasks run, and that they can be listed", { where }),
    ];
  if (seen.kind !== "servers") return [unknown("servers", "were not asked", "Run doctor again")];
  return seen.servers.map(({ server, error }) => {
    if (error === undefined) return ok(server, "tells its flags");
    return answered(error) && deployed.ok && !deployed.value
      ? later(server, `${error}: it need not know any flags before the first ${short.ofStack("up", first)}`)
      : fault(
          server,
          error,
          "See to it that it runs, is reached from here, and tells its flags where servers: says",
          {
            where,
          },
        );
  });
}
