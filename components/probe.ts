import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { roleName, watchName } from "../src/aws/names";
import { failuresMetric, loginMetric, probeName, probeNamespace } from "../src/aws/probeNames";
import type { DatabasePlace, GateLogin } from "../src/gates/databaseConnection";
import { configFile } from "../src/lambda/bundle";
import { EVERY_MS, ROUNDS } from "../src/probe/cadence";
import { firstRun, type Invoke, invokeLambda } from "../src/probe/firstRun";
import type { ProbedElsewhere, ProbeLogin, ProbeRow, ProbeSettings } from "../src/probe/settings";
import type { ProbeVpc } from "../src/rollout/config/probe";
import { digestOf } from "../src/text/digest";
import { runError } from "../src/text/runError";
import {
  errorsOf,
  functionLogs,
  HANDLER_RUNTIME,
  handlerCode,
  reaching,
  type Watched,
  watchAlarm,
} from "./handler";
import { declareLoginSecret, declareSecret } from "./loginSecret";
import { ASSUME_ROLE, probePolicyOf } from "./permissions/probe";

/** Arguments of `Probe`. */
export interface ProbeArgs {
  rollout: string;
  stage: string;
  /** Where it is: roles are named by it, since IAM knows no regions. */
  region: string;
  /** The stage's signals that live in the database, as `probeRows` gives them. With `reconcile`, at least one. */
  rows: Readonly<Record<string, ProbeRow>>;
  /** Sources that it compares, by name, and the rows that count what differs. Absent: none. */
  reconcile?: ProbeSettings["reconcile"];
  counted?: ProbeSettings["counted"];
  /** The database, without the login. Absent, as the login is, where no row asks it. */
  database?: DatabasePlace | undefined;
  /** The gate role's login. A password goes into a secret of the account, and nowhere else. */
  login?: GateLogin | undefined;
  /** The rows that named sources answer, and the tokens that are sent there, by role. They go into a secret, too. */
  elsewhere?:
    | (Omit<ProbedElsewhere, "secretArn"> & { readonly tokens: Readonly<Record<string, string>> })
    | undefined;
  /** Where IAM vouches for the login: the database's resource id. Absent: any database of the account. */
  resource?: string | undefined;
  /** Where the database is reached from. Default: from outside of any VPC. */
  vpc?: ProbeVpc | undefined;
  onCallTopicArn: pulumi.Input<string>;
  /** How the first run is called. Default: the function on AWS. */
  invoke?: Invoke;
}

/** Until the last measurement of a run is over at its worst. Where runs overlap, both measure, which does no harm. */
const TIMEOUT_SECONDS = 75;

/** Publishes what a stage's alarms watch in the database and at named sources; its own failure and its silence page on-call. */
export class Probe extends pulumi.ComponentResource {
  readonly functionName: pulumi.Output<string>;
  /** What must be there before alarms on its signals are: by then there is a first value of each. */
  readonly ready: pulumi.Resource[];

  constructor(name: string, args: ProbeArgs, opts?: pulumi.ComponentResourceOptions) {
    const { rollout, stage, rows } = args;
    super("cutover:index:Probe", name, { rollout, stage, rows }, opts);
    const resourceName = probeName(rollout, stage);
    // What a component waits for does not hold up its children by itself.
    const own = { parent: this, dependsOn: opts?.dependsOn ?? [] };
    const after = (...resources: pulumi.Resource[]) => ({
      parent: this,
      dependsOn: pulumi.output(own.dependsOn).apply((given) => [...[given].flat(), ...resources]),
    });

    const { reconcile = {}, counted = {}, elsewhere } = args;
    const compared = Object.keys(reconcile).length > 0 ? { reconcile, counted } : {};
    const kept = keepLogin(name, args, own);
    const tokens = keepTokens(name, args, own);
    const logs = functionLogs(name, resourceName, own);
    const role = new aws.iam.Role(
      `${name}-role`,
      {
        name: roleName(rollout, stage, "probe", args.region),
        description: `Measures the signals of ${rollout} ${stage} that live in the database`,
        assumeRolePolicy: ASSUME_ROLE,
      },
      own,
    );
    const permissions = new aws.iam.RolePolicy(
      `${name}-permissions`,
      {
        name: "probe",
        role: role.name,
        policy: pulumi.all([kept.login, logs.arn, tokens?.secret.arn]).apply(([login, logsArn, tokensArn]) =>
          probePolicyOf({
            namespace: probeNamespace(rollout),
            logsIn: login && ("secretArn" in login ? login : { login, resource: args.resource }),
            tokensArn,
            logsArn,
            inVpc: args.vpc && resourceName,
          }),
        ),
      },
      own,
    );
    const settings = pulumi.all([kept.login, tokens?.secret.arn]).apply(
      ([login, secretArn]): ProbeSettings => ({
        rollout,
        stage,
        ...(args.database && login ? { database: args.database, login } : {}),
        rows,
        ...(elsewhere ? { elsewhere: { sources: elsewhere.sources, rows: elsewhere.rows, secretArn } } : {}),
        ...compared,
      }),
    );
    const fn = new aws.lambda.Function(
      `${name}-function`,
      {
        name: resourceName,
        description: `Publishes ${Object.keys({ ...rows, ...elsewhere?.rows, ...counted }).join(", ") || "what it compares"} of ${rollout} ${stage} every ${EVERY_MS / 1_000} s`,
        role: role.arn,
        ...HANDLER_RUNTIME,
        code: handlerCode("probe", settings),
        memorySize: 256,
        timeout: TIMEOUT_SECONDS,
        ...reaching(args.database, args.vpc),
      },
      // Without its permissions the first run would fail; without the group Lambda makes one that never ends.
      after(permissions, logs, ...kept.before, ...(tokens ? [tokens.version] : [])),
    );
    // A run that failed is not repeated: the next one comes within the minute, and tells what is true by then.
    const calls = new aws.lambda.FunctionEventInvokeConfig(
      `${name}-calls`,
      { functionName: fn.name, maximumRetryAttempts: 0, maximumEventAgeInSeconds: 60 },
      own,
    );
    const rule = new aws.cloudwatch.EventRule(
      `${name}-minute`,
      {
        name: resourceName,
        description: `Calls the probe of ${rollout} ${stage}`,
        scheduleExpression: "rate(1 minute)",
      },
      own,
    );
    const permission = new aws.lambda.Permission(
      `${name}-minute`,
      {
        function: fn.name,
        action: "lambda:InvokeFunction",
        principal: "events.amazonaws.com",
        sourceArn: rule.arn,
      },
      own,
    );
    const first = this.firstRunHook(name, args);
    const target = new aws.cloudwatch.EventTarget(
      `${name}-minute`,
      {
        rule: rule.name,
        targetId: "probe",
        arn: fn.arn,
        // Makes each change of what is measured a change of the schedule, which runs it first.
        input: settings.apply((value) =>
          JSON.stringify({ settings: digestOf(configFile(value), 16), rounds: ROUNDS }),
        ),
      },
      { ...after(permission, calls, permissions), hooks: { beforeCreate: [first], beforeUpdate: [first] } },
    );
    const alarms = this.declareAlarms(name, args, fn, after(target));

    this.functionName = fn.name;
    this.ready = [target, ...alarms];
    this.registerOutputs({ functionName: this.functionName });
  }

  private firstRunHook(name: string, { invoke = invokeLambda, vpc }: ProbeArgs): pulumi.ResourceHook {
    return new pulumi.ResourceHook(`${name}-first-run`, async ({ newInputs }) => {
      try {
        const { reconciled = {} } = await firstRun(String(newInputs?.arn), invoke);
        // Where the database is reached from here, it was said before anything was declared.
        const slow = Object.entries(reconciled).flatMap(([of, found]) =>
          found.slow.map((what) => `reconcile.${of}, ${what}.`),
        );
        if (vpc) for (const line of slow) await pulumi.log.warn(line);
      } catch (error) {
        throw runError(error instanceof Error ? error.message : String(error));
      }
    });
  }

  /** A signal that nobody measures any more looks like one that is quiet. */
  private declareAlarms(
    name: string,
    { rollout, stage, onCallTopicArn }: ProbeArgs,
    fn: aws.lambda.Function,
    opts: pulumi.CustomResourceOptions,
  ): aws.cloudwatch.MetricAlarm[] {
    const alarm = (part: string, says: string, watched: Omit<Watched, "name" | "alarmDescription">) =>
      watchAlarm(
        `${name}-${part}`,
        {
          name: watchName(probeName(rollout, stage), part),
          alarmDescription: `${rollout} ${stage}, probe: ${says}. Log: /aws/lambda/${probeName(rollout, stage)}`,
          ...watched,
        },
        onCallTopicArn,
        opts,
      );
    return [
      alarm("failures", "it could not measure a signal, or is silent: nobody would see a fault there", {
        namespace: probeNamespace(rollout),
        metricName: failuresMetric(stage),
        statistic: "Maximum",
        treatMissingData: "breaching",
      }),
      // Where the probe is silent nothing is known of it, and that is told by the one before.
      alarm(
        "login",
        "the database refuses the gates' login, or lets it do more than read: somebody changed it",
        {
          namespace: probeNamespace(rollout),
          metricName: loginMetric(stage),
          statistic: "Maximum",
          treatMissingData: "ignore",
        },
      ),
      alarm("errors", "it failed, or could not publish what it measured", errorsOf(fn)),
    ];
  }
}

/** Where the function finds its login, and what has to be there by then. */
function keepLogin(
  name: string,
  { rollout, stage, login }: ProbeArgs,
  own: pulumi.CustomResourceOptions,
): { login: pulumi.Output<ProbeLogin | undefined>; before: pulumi.Resource[] } {
  if (!login) return { login: pulumi.output<ProbeLogin | undefined>(undefined), before: [] };
  if ("iam" in login) return { login: pulumi.output<ProbeLogin>(login), before: [] };
  const { secret, version } = declareLoginSecret(
    `${name}-login`,
    {
      name: `cutover/${rollout}/${stage}/probe`,
      description: `The login with which the probe of ${rollout} ${stage} reads`,
      login: pulumi.secret(login),
    },
    own,
  );
  return { login: secret.arn.apply((secretArn): ProbeLogin => ({ secretArn })), before: [version] };
}

/** Keeps the tokens that are sent to named sources. Nothing where none is. */
function keepTokens(
  name: string,
  { rollout, stage, elsewhere }: ProbeArgs,
  own: pulumi.CustomResourceOptions,
): ReturnType<typeof declareSecret> | undefined {
  if (!elsewhere || Object.keys(elsewhere.tokens).length === 0) return undefined;
  return declareSecret(
    `${name}-tokens`,
    {
      name: `cutover/${rollout}/${stage}/sources`,
      description: `The tokens with which the probe of ${rollout} ${stage} asks named sources`,
      text: JSON.stringify(elsewhere.tokens),
    },
    own,
  );
}
