import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import {
  ENVIRONMENT_NAME,
  PROFILE_NAME,
  TOPIC_SUFFIX,
  type TopicName,
  TYPE,
  topicName,
} from "../src/aws/names";
import { documentSchema, flagDocument } from "../src/flags/document";
import { allOff } from "../src/flags/flags";
import { writeNote } from "../src/flags/ledger";
import type { GateLogin } from "../src/gates/databaseConnection";
import type { Baseline } from "../src/imports/answer";
import { doorsOf } from "../src/rollout/doors";
import { iamLoginOf } from "../src/rollout/gateLogin";
import type { Rollout } from "../src/rollout/rollout";
import { existingArns } from "../src/rollout/topics";
import { ofStack, retire, TAKEN_DOWN, TAKEN_DOWN_BEFORE } from "../src/text/command";
import { digestOf } from "../src/text/digest";
import { askedByAccount } from "./account";
import { Channels } from "./channels";
import { overviewDashboard } from "./dashboard";
import { Deliveries } from "./deliveries";
import { type OpenSubscription, openSubscriptions } from "./endpoints";
import { GateDatabase } from "./gateDatabase";
import { declareMeasure, type Measure } from "./measure";

/** Arguments of `Foundation`. */
export interface FoundationArgs {
  /** The rollout, as config declares it. */
  rollout: Rollout;
  /** AWS region, where the dashboard finds its metrics. */
  region: string;
}

/** What all stages of a rollout stand on: the flag store with every flag off, the topics, the gate role. */
export class Foundation extends pulumi.ComponentResource {
  readonly applicationId: pulumi.Output<string>;
  readonly environmentId: pulumi.Output<string>;
  readonly profileId: pulumi.Output<string>;
  readonly strategyId: pulumi.Output<string>;
  /** Topic ARNs by topic. */
  readonly topics: pulumi.Output<Record<TopicName, string>>;
  /** The login that gates measure with; absent where the rollout declares no database. */
  readonly gateLogin: pulumi.Output<GateLogin> | undefined;
  /** The answers to Q1 to Q6 before the first stage; absent where no table of imports is mapped. */
  readonly queryBaseline: pulumi.Output<Baseline> | undefined;
  /** The function in the VPC that looks at gates; absent where the rollout declares none. */
  readonly measuring: Measure | undefined;
  /** What is replaced when config changes. Nothing is inherited from the component: see `declareLatch`. */
  private readonly child: pulumi.CustomResourceOptions = { parent: this, protect: false };
  /** What servers, people and an abort need as long as the rollout is there. */
  private readonly kept: pulumi.CustomResourceOptions = { parent: this, protect: true };
  /** All that a `destroy` would take away. */
  private readonly parts: pulumi.Resource[] = [];

  constructor(name: string, args: FoundationArgs, opts?: pulumi.ComponentResourceOptions) {
    const { rollout, region } = args;
    super(
      TYPE.foundation,
      name,
      { rollout: rollout.name, flags: rollout.flags },
      { ...opts, ...askedByAccount(rollout), protect: true },
    );

    const application = new aws.appconfig.Application(
      name,
      { name: rollout.name, description: rollout.title ?? `Flags of the rollout ${rollout.name}` },
      this.kept,
    );
    const environment = new aws.appconfig.Environment(
      `${name}-environment`,
      { applicationId: application.id, name: ENVIRONMENT_NAME },
      this.kept,
    );
    const profile = new aws.appconfig.ConfigurationProfile(
      `${name}-profile`,
      {
        applicationId: application.id,
        name: PROFILE_NAME,
        locationUri: "hosted",
        type: "AWS.Freeform",
        validators: [{ type: "JSON_SCHEMA", content: documentSchema(rollout.flags, doorsOf(rollout)) }],
      },
      this.kept,
    );
    const strategy = new aws.appconfig.DeploymentStrategy(
      `${name}-strategy`,
      {
        name: `${rollout.name}-at-once`,
        description: "All servers at once, no bake time: alarms decide what happens next, within seconds",
        deploymentDurationInMinutes: 0,
        finalBakeTimeInMinutes: 0,
        growthFactor: 100,
        growthType: "LINEAR",
        replicateTo: "NONE",
      },
      this.kept,
    );
    this.parts.push(application, environment, profile, strategy);
    this.applicationId = application.id;
    this.environmentId = environment.environmentId;
    this.profileId = profile.configurationProfileId;
    this.strategyId = strategy.id;
    this.declareAllOff(name, rollout);

    const topic = (which: TopicName) => this.declareTopic(name, rollout, which);
    this.topics = pulumi.output({
      onCall: topic("onCall"),
      ops: topic("ops"),
      stakeholders: topic("stakeholders"),
    });
    const { channels = {} } = rollout;
    if (Object.keys(channels).length > 0)
      this.parts.push(
        new Channels(
          `${name}-channels`,
          { rollout: rollout.name, region, channels, topics: this.topics, existing: existingArns(rollout) },
          this.child,
        ),
      );
    const { delivery = {} } = rollout;
    if (Object.keys(delivery).length > 0)
      this.parts.push(
        new Deliveries(
          `${name}-delivery`,
          {
            rollout: rollout.name,
            region,
            flags: rollout.flags,
            deliveries: delivery,
            store: pulumi.output({
              applicationId: this.applicationId,
              environmentId: this.environmentId,
              profileId: this.profileId,
              strategyId: this.strategyId,
            }),
            onCall: this.topics.onCall,
          },
          this.child,
        ),
      );
    const database = rollout.database
      ? new GateDatabase(
          `${name}-database`,
          { rollout: rollout.name, database: rollout.database, iam: iamLoginOf(rollout, region) },
          this.child,
        )
      : undefined;
    if (database) this.parts.push(database);
    this.gateLogin = database?.login;
    this.queryBaseline = database?.baseline;

    this.measuring = declareMeasure(name, rollout, { region, secret: database?.secret }, this.child);
    if (this.measuring) this.parts.push(this.measuring);
    this.parts.push(overviewDashboard(name, { rollout, region }, this.child));
    this.declareLatch(name, rollout, region);

    this.registerOutputs({
      applicationId: this.applicationId,
      environmentId: this.environmentId,
      profileId: this.profileId,
    });
  }

  /** What the first stage's stack puts out, for the other stages and for `cutover`. */
  outputs(): Record<string, unknown> {
    const {
      applicationId,
      environmentId,
      profileId,
      strategyId,
      topics,
      gateLogin,
      queryBaseline,
      measuring,
    } = this;
    return {
      ...{ applicationId, environmentId, profileId, strategyId, topics, gateLogin },
      // Left out where there is none: the engine warns of outputs without a value.
      ...(queryBaseline ? { queryBaseline } : {}),
      ...(measuring ? { measuring: { functionArn: measuring.functionArn } } : {}),
    };
  }

  /**
   * The first document: every flag off. It matters once, before anything was promoted. Its inputs are ignored
   * from then on: a flag that is declared later must not deploy "all off" over whatever is live by then.
   */
  private declareAllOff(name: string, rollout: Rollout): void {
    const first = rollout.stages[0].name;
    const version = new aws.appconfig.HostedConfigurationVersion(
      `${name}-all-off`,
      {
        applicationId: this.applicationId,
        configurationProfileId: this.profileId,
        content: flagDocument(allOff(rollout.flags)),
        contentType: "application/json",
        description: `${first}: every flag off`,
      },
      { ...this.child, retainOnDelete: true, ignoreChanges: ["content", "description"] },
    );
    const deployment = new aws.appconfig.Deployment(
      `${name}-all-off`,
      {
        applicationId: this.applicationId,
        environmentId: this.environmentId,
        configurationProfileId: this.profileId,
        configurationVersion: pulumi.interpolate`${version.versionNumber}`,
        deploymentStrategyId: this.strategyId,
        description: writeNote({
          cutover: 1,
          rollout: rollout.name,
          kind: "promote",
          stage: first,
          attempt: 1,
        }),
      },
      { ...this.child, ignoreChanges: ["configurationVersion", "deploymentStrategyId", "description"] },
    );
    this.parts.push(version, deployment);
  }

  /**
   * What a `destroy` comes upon first, since it depends on all other parts: without the flag store nothing can be
   * lowered any more, while servers keep the flags that they have. It is protected always: whether a stage is live is
   * nothing that the state of this stack says. The refusal quotes the name, so the name says what to do: a retirement
   * looks whether the rollout is over, and says what to type where it is not.
   */
  private declareLatch(name: string, rollout: Rollout, region: string): void {
    const [, ...stages] = rollout.stages.map((stage) => stage.name);
    const place = { rollout: rollout.name, region };
    const named = (what: string) => `${name}-to-take-down-for-good-${what}`;
    new pulumi.Stash(
      named(TAKEN_DOWN),
      {
        input: [
          ...stages
            .reverse()
            .flatMap((stage) => [ofStack(place, "up", stage), ofStack(place, "destroy", stage)]),
          retire(place),
        ].join("\n"),
      },
      { ...this.kept, dependsOn: this.parts, aliases: [{ name: named(TAKEN_DOWN_BEFORE) }] },
    );
  }

  private declareTopic(name: string, rollout: Rollout, topic: TopicName): pulumi.Output<string> {
    const there = rollout.existingTopics?.[topic];
    if (there) return pulumi.output(there.arn);
    const suffix = TOPIC_SUFFIX[topic];
    const resource = new aws.sns.Topic(
      `${name}-${suffix}`,
      { name: topicName(rollout.name, topic) },
      this.kept,
    );
    this.parts.push(resource);
    const subscriptions = new Map(
      openSubscriptions(rollout, topic).map((one) => [subscriptionKey(one), one]),
    );
    for (const [key, subscription] of subscriptions) {
      this.parts.push(
        new aws.sns.TopicSubscription(
          `${name}-${suffix}-${key}`,
          { topic: resource.arn, ...subscriptionArgs(subscription) },
          this.child,
        ),
      );
    }
    return resource.arn;
  }
}

/**
 * Names a subscription by what it is, not by its place in the list: taking another one away must not replace it,
 * since an e-mail address would hear of nothing until it has confirmed anew. A hash, since addresses hold keys.
 */
function subscriptionKey({ protocol, endpoint }: OpenSubscription): string {
  return digestOf(`${protocol} ${endpoint}`, 8);
}

/** A person confirms e-mail; an HTTP endpoint confirms by itself, within a minute or not at all. */
function subscriptionArgs({
  protocol,
  endpoint,
  secret,
}: OpenSubscription): Pick<
  aws.sns.TopicSubscriptionArgs,
  "protocol" | "endpoint" | "endpointAutoConfirms" | "confirmationTimeoutInMinutes"
> {
  const http = protocol === "https" || protocol === "http";
  return {
    protocol,
    endpoint: secret ? pulumi.secret(endpoint) : endpoint,
    ...(http ? { endpointAutoConfirms: true, confirmationTimeoutInMinutes: 1 } : {}),
  };
}
