import { ECSClient, UpdateServiceCommand } from "@aws-sdk/client-ecs";
import { withClient } from "../aws/clients";
import { reasonOf } from "../text/problem";

/** An ECS service whose tasks read flags from their environment, and so must start anew. */
export interface EcsService {
  readonly cluster: string;
  readonly service: string;
}

/** What came of asking servers to start anew. */
export interface Restart {
  /** As people know it: cluster/service. */
  readonly service: string;
  /** Why it could not be asked. Absent where it was. */
  readonly problem?: string | undefined;
}

/** The services of a rollout that are started anew whenever its flags change; servers that poll need it not. */
export function restartsOf(flagsIn: {
  readonly servers?:
    | { readonly ecs: readonly (EcsService & { readonly restart?: boolean | undefined })[] }
    | undefined;
}): EcsService[] {
  const ecs = flagsIn.servers?.ecs ?? [];
  return ecs.filter(({ restart }) => restart).map(({ cluster, service }) => ({ cluster, service }));
}

/**
 * Starts servers anew that read their flags when they start: at a flip, a smoke failure, a lower and an abort alike.
 * All are asked at once, and one that fails keeps no other from it. Returns what came of each; never throws. That they
 * have started is not waited for: what servers report tells.
 *
 * @param client default: one of its own, closed when the work has ended
 */
export async function restartServers(
  region: string,
  services: readonly EcsService[],
  client?: ECSClient,
): Promise<Restart[]> {
  if (services.length === 0) return [];
  if (!client) return withClient(ECSClient, { region }, (own) => restartServers(region, services, own));
  const restart = async ({ cluster, service: name }: EcsService): Promise<Restart> => {
    const service = `${cluster}/${name}`;
    try {
      await client.send(new UpdateServiceCommand({ cluster, service: name, forceNewDeployment: true }));
      return { service };
    } catch (error) {
      return { service, problem: reasonOf(error) };
    }
  };
  return Promise.all(services.map(restart));
}

/** In words, those that could not be asked. */
export function unrestarted(asked: readonly Restart[]): string[] {
  return asked.flatMap(({ service, problem }) =>
    problem === undefined ? [] : [`${service} could not be restarted: ${problem}`],
  );
}
