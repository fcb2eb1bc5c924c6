import {
  CreateClusterCommand,
  CreateServiceCommand,
  DescribeServicesCommand,
  ECSClient,
  RegisterTaskDefinitionCommand,
} from "@aws-sdk/client-ecs";
import type { EcsService } from "../../src/flags/restart";
import { type Loop, repeat } from "../host/repeat";
import { type Emulator, emulated } from "./emulated";

/** How long after each look at a service's newest deployment the next one comes, in ms. */
const WATCH_MS = 150;

/**
 * Declares ECS services in the emulator, so that they can be restarted. They have no tasks of their own: the servers of
 * a sandbox are processes, which follow a service's deployments.
 */
export async function declareServices(aws: Emulator, services: readonly EcsService[]): Promise<void> {
  if (services.length === 0) return;
  const client = new ECSClient(emulated(aws));
  try {
    const family = "servers";
    await client.send(
      new RegisterTaskDefinitionCommand({
        family,
        containerDefinitions: [{ name: "server", image: "server" }],
      }),
    );
    for (const { cluster: clusterName, service: serviceName } of services) {
      await client.send(new CreateClusterCommand({ clusterName }));
      await client.send(
        new CreateServiceCommand({
          cluster: clusterName,
          serviceName,
          taskDefinition: family,
          desiredCount: 0,
        }),
      );
    }
  } finally {
    client.destroy();
  }
}

/**
 * Follows the deployments of a service in the place of its tasks, which the emulator does not run.
 *
 * @param deployed called for each newest deployment, and told whether it is the first that was found, which servers may run
 *   with already. Where it fails it is called again: the deployment is not done then
 */
export function followService(
  aws: Emulator,
  { cluster, service }: EcsService,
  deployed: (isFirst: boolean) => Promise<void>,
): Loop {
  const client = new ECSClient({ ...emulated(aws), maxAttempts: 1 });
  let current: string | undefined;
  const loop = repeat({ pauseMs: WATCH_MS }, async (abortSignal) => {
    const command = new DescribeServicesCommand({ cluster, services: [service] });
    const { services = [] } = await client.send(command, { abortSignal });
    const newest = services[0]?.deployments?.find(({ status }) => status === "PRIMARY")?.id;
    if (newest === undefined || newest === current) return;
    await deployed(current === undefined);
    current = newest;
  });
  return {
    async stop() {
      await loop.stop();
      client.destroy();
    },
  };
}
