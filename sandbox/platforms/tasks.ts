import { paginateGetParametersByPath, SSMClient } from "@aws-sdk/client-ssm";
import type { SsmConfig } from "../../src/delivery/kinds/ssm";
import { followService } from "../aws/ecs";
import { type Emulator, emulated } from "../aws/emulated";
import type { Loop } from "../host/repeat";
import type { EnvServer } from "./envServer";

/**
 * The task of an ECS service whose environment is parameters of SSM: each deployment of the service starts it anew, with
 * what they hold then.
 */
export function runTask(aws: Emulator, { path, ecs }: SsmConfig, server: EnvServer): Loop | undefined {
  const [first] = ecs;
  if (!first) return undefined;
  const client = new SSMClient(emulated(aws));
  return followService(aws, first, async () => {
    const variables: Record<string, string> = {};
    for await (const { Parameters = [] } of paginateGetParametersByPath({ client }, { Path: path }))
      for (const { Name = "", Value = "" } of Parameters) variables[Name.slice(path.length + 1)] = Value;
    await server.launch(variables);
  });
}
