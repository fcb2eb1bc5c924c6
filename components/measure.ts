import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { functionRole, measureName } from "../src/aws/names";
import { KINDS } from "../src/gates/registry";
import { type MeasureSettings, placesOf } from "../src/measuring/places";
import type { MeasureConfig } from "../src/rollout/config/measure";
import { iamLoginOf } from "../src/rollout/gateLogin";
import type { Rollout } from "../src/rollout/rollout";
import { milliseconds } from "../src/text/duration";
import { functionLogs, HANDLER_RUNTIME, handlerCode, reaching } from "./handler";
import { measurePolicyOf } from "./permissions/measure";
import { ASSUME_ROLE } from "./permissions/probe";

/** Arguments of `Measure`. */
export interface MeasureArgs {
  rollout: Rollout;
  measure: MeasureConfig;
  region: string;
  /** The secret with the gate role's login; absent without a database, and where IAM vouches for the login. */
  secret?: { readonly arn: pulumi.Output<string>; readonly version: pulumi.Resource } | undefined;
}

/**
 * The function in the VPC that looks at gates for whoever promotes. Nobody is let in by it: it has no policy of its own,
 * so only those of this account may call it whose own policy says so.
 */
export class Measure extends pulumi.ComponentResource {
  readonly functionArn: pulumi.Output<string>;

  constructor(name: string, args: MeasureArgs, opts?: pulumi.ComponentResourceOptions) {
    const { rollout, measure, region, secret } = args;
    super("cutover:index:Measure", name, { rollout: rollout.name, measure }, opts);
    const parent = { parent: this };
    const iam = iamLoginOf(rollout, region);
    const { resource } = rollout.database?.login ?? {};
    const functionName = measureName(rollout.name);
    const logs = functionLogs(name, functionName, parent);
    const role = new aws.iam.Role(
      `${name}-role`,
      {
        name: functionRole(functionName, region),
        description: `Looks at the gates of ${rollout.name} from within the VPC`,
        assumeRolePolicy: ASSUME_ROLE,
      },
      parent,
    );
    const permissions = new aws.iam.RolePolicy(
      `${name}-permissions`,
      {
        name: "measure",
        role: role.name,
        policy: pulumi.all([pulumi.output(secret?.arn), logs.arn]).apply(([secretArn, logsArn]) =>
          measurePolicyOf({
            secretArn,
            iam: iam && { login: iam, resource },
            logsArn,
            looks: looksOf(rollout),
            functionName,
          }),
        ),
      },
      parent,
    );
    const settings = pulumi.output(secret?.arn).apply(
      (secretArn): MeasureSettings => ({
        rollout: rollout.name,
        region,
        places: placesOf(rollout),
        ...(secretArn === undefined ? {} : { secretArn }),
        ...(iam ? { iam } : {}),
      }),
    );
    const fn = new aws.lambda.Function(
      name,
      {
        name: functionName,
        description: `Looks at the gates of ${rollout.name} for whoever promotes`,
        role: role.arn,
        ...HANDLER_RUNTIME,
        code: handlerCode("measure", settings),
        memorySize: 512,
        timeout: Math.ceil(milliseconds(measure.timeout) / 1_000),
        ...reaching(rollout.database, measure.vpc),
      },
      // Without its permissions it cannot join its network; without the group Lambda makes one that never ends.
      { ...parent, dependsOn: [permissions, logs, ...(secret ? [secret.version] : [])] },
    );
    this.functionArn = fn.arn;
    this.registerOutputs({ functionArn: this.functionArn });
  }
}

/** Declares a rollout's measuring function; undefined where it asks for none. */
export function declareMeasure(
  name: string,
  rollout: Rollout,
  around: Pick<MeasureArgs, "region" | "secret">,
  opts: pulumi.ComponentResourceOptions,
): Measure | undefined {
  const { measure } = rollout;
  return measure && new Measure(`${name}-measure`, { rollout, measure, ...around }, opts);
}

/** What looking calls on AWS from within the network, where there are services of ECS to look at. */
function looksOf({ servers }: Rollout): readonly string[] {
  if (!servers || servers.ecs.length === 0) return [];
  return Object.values(KINDS).flatMap((kind) =>
    "inNetwork" in kind && kind.inNetwork && "awsActions" in kind ? (kind.awsActions ?? []) : [],
  );
}
