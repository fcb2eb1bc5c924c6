import {
  CreateClusterCommand,
  CreateServiceCommand,
  ECSClient,
  RegisterTaskDefinitionCommand,
} from "@aws-sdk/client-ecs";
import type { EcsService } from "../../src/flags/restart";
import { type Emulator, emulated } from "./emulated";

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
