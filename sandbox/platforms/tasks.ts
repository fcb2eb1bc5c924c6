import { DescribeServicesCommand, ECSClient } from "@aws-sdk/client-ecs";
import { paginateGetParametersByPath, SSMClient } from "@aws-sdk/client-ssm";
import type { SsmConfig } from "../../src/delivery/kinds/ssm";
import { type Emulator, emulated } from "../aws/emulated";
import { type Loop, repeat } from "../host/repeat";
import type { EnvServer } from "./envServer";

/** How often a service is asked for its newest deployment, in ms. */
const WATCH_MS = 250;

/**
 * The task of an ECS service whose environment is parameters of SSM: each deployment of the service starts it anew, with
 * what they hold then. The emulator runs no tasks.
 */
export function followService(aws: Emulator, { path, ecs }: SsmConfig, server: EnvServer): Loop | undefined {
  const [first] = ecs;
  if (!first) return undefined;
  const [clients, asked] = [{ ecs: new ECSClient(emulated(aws)), ssm: new SSMClient(emulated(aws)) }, first];
  let running: string | undefined;
  return repeat({ everyMs: WATCH_MS }, async () => {
    const described = new DescribeServicesCommand({ cluster: asked.cluster, services: [asked.service] });
    const { services = [] } = await clients.ecs.send(described);
    const newest = services[0]?.deployments?.find(({ status }) => status === "PRIMARY")?.id;
    if (newest === undefined || newest === running) return;
    const variables: Record<string, string> = {};
    for await (const { Parameters = [] } of paginateGetParametersByPath(
      { client: clients.ssm },
      { Path: path },
    ))
      for (const { Name = "", Value = "" } of Parameters) variables[Name.slice(path.length + 1)] = Value;
    await server.launch(variables);
    running = newest;
  });
}
