import { DescribeServicesCommand, ECSClient } from "@aws-sdk/client-ecs";
import { GetParametersCommand, PutParameterCommand, SSMClient } from "@aws-sdk/client-ssm";
import { awsClient } from "../aws/clients";
import type { AwsReach } from "../delivery/kind";
import { type EcsService, restartServers, unrestarted } from "../flags/restart";

/** Of one call to GetParameters. Source: Systems Manager API reference. */
const PARAMETERS = 10;

/** What deliveries change in AWS, with the credentials of the function. */
export class AwsPlatforms implements AwsReach {
  private readonly ssm: SSMClient;
  private readonly ecs: ECSClient;

  constructor(private readonly region: string) {
    this.ssm = awsClient(SSMClient, { region });
    this.ecs = awsClient(ECSClient, { region });
  }

  async parameters(names: readonly string[]): Promise<ReadonlyMap<string, string>> {
    const held = new Map<string, string>();
    for (let from = 0; from < names.length; from += PARAMETERS) {
      const Names = names.slice(from, from + PARAMETERS);
      const { Parameters = [] } = await this.ssm.send(new GetParametersCommand({ Names }));
      for (const { Name, Value } of Parameters) if (Name !== undefined) held.set(Name, Value ?? "");
    }
    return held;
  }

  async putParameter(Name: string, Value: string): Promise<void> {
    await this.ssm.send(new PutParameterCommand({ Name, Value, Type: "String", Overwrite: true }));
  }

  async restart(services: readonly EcsService[]): Promise<void> {
    const problems = unrestarted(await restartServers(this.region, services, this.ecs));
    if (problems.length > 0) throw new Error(problems.join("; "));
  }

  async restarting(services: readonly EcsService[], since: number): ReturnType<AwsReach["restarting"]> {
    const states = await Promise.all(services.map((service) => this.stateOf(service, since)));
    return states.flatMap((state) => (state ? [state] : []));
  }

  /** Undefined once the tasks that were started since then are the only ones. */
  private async stateOf({ cluster, service: name }: EcsService, since: number) {
    const service = `${cluster}/${name}`;
    const command = new DescribeServicesCommand({ cluster, services: [name] });
    const { services = [] } = await this.ecs.send(command);
    const deployments = services[0]?.deployments;
    if (!deployments) return { service, failed: "it is not there" };
    const primary = deployments.find(({ status }) => status === "PRIMARY");
    if (primary?.rolloutState === "FAILED")
      return { service, failed: primary.rolloutStateReason ?? "its deployment failed" };
    const isNew = (primary?.createdAt?.getTime() ?? 0) >= since - CLOCKS_MS;
    const done = isNew && deployments.length === 1 && primary?.runningCount === primary?.desiredCount;
    return done ? undefined : { service };
  }
}

/** By so much ECS's clock may be behind the function's. */
const CLOCKS_MS = 5_000;
