import { readFileSync } from "node:fs";
import { join } from "node:path";
import { ECSClient } from "@aws-sdk/client-ecs";
import { PublishCommand, SNSClient } from "@aws-sdk/client-sns";
import { AwsReminders } from "../abort/reminders";
import { handleEvent, type SwitchWorld } from "../abort/switch";
import type { AbortConfig } from "../abort/switchConfig";
import { placeIn } from "../aws/arn";
import { awsClient } from "../aws/clients";
import { lastConverged } from "../aws/converged";
import { decisionsGroup } from "../aws/names";
import { publishInput } from "../aws/publish";
import { QueueClient } from "../aws/queues";
import { follow } from "../delivery/followers";
import { AppConfigStore, appConfigClient } from "../flags/appConfigStore";

/** The abort switch's Lambda. `abortBundle` puts its configuration beside its code. */
const config = JSON.parse(readFileSync(join(__dirname, "config.json"), "utf8")) as AbortConfig;

const region = process.env.AWS_REGION ?? placeIn(config.topicArn).region;
// Made once: a function that is called again while it is warm spares itself the handshakes.
const appconfig = appConfigClient(region);
const sns = awsClient(SNSClient, { region });
const ecs = awsClient(ECSClient, { region });
const sqs = awsClient(QueueClient, { region });

const reminders = new AwsReminders(region, config.reminders, decisionsGroup(config.rollout, config.stage));

const world = (): SwitchWorld => ({
  store: new AppConfigStore(appconfig, config.store),
  publish: async (topicArn, message) => {
    await sns.send(new PublishCommand(publishInput(topicArn, message)));
  },
  follow: (followers) => follow(region, config.rollout, followers, { ecs, sqs }),
  converged: () => lastConverged(region, config.rollout),
  schedule: (reminder, at) => reminders.schedule(reminder, at),
  decisions: (row) => reminders.decisions(row),
  keep: (key, text) => reminders.keep(key, text),
  log: (entry) => console.log(JSON.stringify(entry)),
  now: Date.now,
});

export const handler = (event: unknown): Promise<void> => handleEvent(event, { ...config, region }, world());
