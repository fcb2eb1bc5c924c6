import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { partName, roleName, watchName } from "../src/aws/names";
import { heraldSecretText } from "../src/lambda/heraldSecret";
import type { HeraldSettings } from "../src/lambda/heraldSettings";
import { toldGroup } from "../src/messages/post";
import { askedOf } from "../src/rollout/cause";
import { scheduledOf } from "../src/rollout/config/messages";
import {
  deadLetters,
  errorsOf,
  functionLogs,
  HANDLER_RUNTIME,
  handlerCode,
  lettersIn,
  reaching,
  type Watched,
  watchAlarm,
} from "./handler";
import { type MessagesArgs, plainBaseline, type Sight, sightOf } from "./heraldArgs";
import { declareSecret } from "./loginSecret";
import { ASSUME_ROLE } from "./permissions/abortSwitch";
import { heraldPolicyOf, schedulerPolicyOf, schedulerTrustOf } from "./permissions/herald";

/** The function that says what is due, and what calls it. */
export interface Herald {
  readonly fn: aws.lambda.Function;
  /** With which schedules call it. */
  readonly role: aws.iam.Role;
  readonly letters: aws.sqs.Queue;
  /** What must be there before the flags change. */
  readonly ready: pulumi.Resource[];
}

/** Until the slowest gate was given up on, and everybody was told. */
const TIMEOUT_SECONDS = 120;

/** Declares the herald of a stage: its function, its role, its secret, its queue, and alarms on itself. */
export function declareHerald(
  name: string,
  args: MessagesArgs,
  told: aws.cloudwatch.LogGroup,
  parent: pulumi.CustomResourceOptions,
): Herald {
  const { rollout, stage } = args;
  const heraldName = partName(rollout.name, stage.name, "herald");
  const sight = sightOf(args);
  const letters = deadLetters(name, `${heraldName}-dlq`, parent);
  const logs = functionLogs(name, heraldName, parent);
  const role = new aws.iam.Role(
    `${name}-herald`,
    {
      name: roleName(rollout.name, stage.name, "herald", args.region),
      description: `Tells people how ${stage.name} of ${rollout.name} has been`,
      assumeRolePolicy: ASSUME_ROLE,
    },
    parent,
  );
  const kept =
    sight.secret &&
    declareSecret(
      `${name}-herald`,
      {
        name: `cutover/${rollout.name}/${stage.name}/herald`,
        description: `What the herald of ${rollout.name} ${stage.name} reads gates with`,
        text: pulumi.secret(heraldSecretText(sight.secret)),
      },
      parent,
    );
  const settings = settingsOf(args, sight, kept?.secret.arn);
  // The database alone is reached from within a network.
  const vpc = sight.sources.database ? rollout.database?.vpc : undefined;
  const permissions = new aws.iam.RolePolicy(
    `${name}-herald`,
    {
      name: "herald",
      role: role.name,
      policy: pulumi
        .all([settings, letters.arn, logs.arn, told.arn])
        .apply(([{ store, topics, sources }, lettersArn, logsArn, toldArn]) =>
          heraldPolicyOf({
            store,
            topics: scheduledOf(args.messages).flatMap(({ message }) => message.to.map((to) => topics[to])),
            looks: sight.looks,
            secretArn: sources.secretArn,
            iam: sources.iam && { login: sources.iam, resource: rollout.database?.login?.resource },
            inVpc: vpc && heraldName,
            lettersArn,
            logsArn,
            toldArn,
          }),
        ),
    },
    parent,
  );
  const fn = new aws.lambda.Function(
    `${name}-herald`,
    {
      name: heraldName,
      description: `Sends the timed messages of ${stage.name} of ${rollout.name}`,
      role: role.arn,
      ...HANDLER_RUNTIME,
      code: handlerCode("herald", settings),
      memorySize: 512,
      timeout: TIMEOUT_SECONDS,
      deadLetterConfig: { targetArn: letters.arn },
      ...reaching(sight.sources.database, vpc),
    },
    // Without its permissions it would fail; without the group Lambda makes one that never ends.
    { ...parent, dependsOn: [permissions, logs, ...(kept ? [kept.version] : [])] },
  );
  const scheduler = declareSchedulerRole(name, args, { fn, letters }, parent);
  const watches = declareWatches(name, args, { heraldName, fn, letters }, parent);
  return { fn, role: scheduler.role, letters, ready: [fn, scheduler.policy, ...watches] };
}

function declareSchedulerRole(
  name: string,
  { rollout, stage, region }: MessagesArgs,
  { fn, letters }: Pick<Herald, "fn" | "letters">,
  parent: pulumi.CustomResourceOptions,
): { role: aws.iam.Role; policy: aws.iam.RolePolicy } {
  const role = new aws.iam.Role(
    `${name}-scheduler`,
    {
      name: roleName(rollout.name, stage.name, "scheduler", region),
      description: `Calls the herald of ${stage.name} of ${rollout.name}`,
      assumeRolePolicy: letters.arn.apply(schedulerTrustOf),
    },
    parent,
  );
  const policy = new aws.iam.RolePolicy(
    `${name}-scheduler`,
    {
      name: "call-the-herald",
      role: role.name,
      policy: pulumi
        .all([fn.arn, letters.arn])
        .apply(([functionArn, lettersArn]) => schedulerPolicyOf({ functionArn, lettersArn })),
    },
    parent,
  );
  return { role, policy };
}

/** Alarms on the herald itself: people wait for what it has to say, and silence would pass for good news. */
function declareWatches(
  name: string,
  { rollout, stage, topics }: MessagesArgs,
  on: { heraldName: string; fn: aws.lambda.Function; letters: aws.sqs.Queue },
  parent: pulumi.CustomResourceOptions,
): aws.cloudwatch.MetricAlarm[] {
  const { heraldName, fn, letters } = on;
  const { onCall } = pulumi.output(topics);
  const watch = (part: string, says: string, what: Omit<Watched, "name" | "alarmDescription">) =>
    watchAlarm(
      `${name}-${part}`,
      {
        name: watchName(heraldName, part),
        alarmDescription: `${rollout.name} ${stage.name}, timed messages: ${says}. Flags are not affected; the log /aws/lambda/${heraldName} says what failed`,
        ...what,
      },
      onCall,
      parent,
    );
  return [
    watch(
      "errors",
      "one could not be sent, or it is not known whether it is true; it is tried twice again",
      errorsOf(fn),
    ),
    watch(
      "dlq",
      "one was given up on and lies in the dead-letter queue: tell people by hand",
      lettersIn(letters),
    ),
  ];
}

function settingsOf(
  args: MessagesArgs,
  sight: Sight,
  secretArn: pulumi.Output<string> | undefined,
): pulumi.Output<HeraldSettings> {
  const { rollout, stage, messages, queryBaseline, timeScale = 1, ...ids } = args;
  const { applicationId, environmentId, profileId, region, topics } = ids;
  const timed = Object.fromEntries(scheduledOf(messages).map(({ row, message }) => [row, message]));
  const mapping = sight.asks ? rollout.database?.imports : undefined;
  return pulumi
    .all([
      pulumi.output({ applicationId, environmentId, profileId, region }),
      pulumi.output(topics),
      pulumi.output(secretArn),
    ])
    .apply(([store, told, arn]) => ({
      of: askedOf(rollout, stage),
      release: rollout.release,
      store,
      topics: told,
      messages: timed,
      gates: sight.gates,
      attempt: sight.attempt,
      toldGroup: toldGroup(rollout.name, stage.name),
      timeScale,
      sources: { ...sight.sources, ...(arn === undefined ? {} : { secretArn: arn }) },
      ...(mapping ? { imports: { mapping, baseline: plainBaseline(queryBaseline) } } : {}),
    }));
}
