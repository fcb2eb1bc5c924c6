import { SNSClient, SubscribeCommand } from "@aws-sdk/client-sns";
import { emulated } from "../../sandbox/aws/emulated";
import { UNNAMED_ACCOUNT } from "../../sandbox/aws/front/call";
import { channelName } from "../../src/aws/names";
import { channelKindOf } from "../../src/channels/registry";
import type { Rollout } from "../../src/rollout/rollout";
import { EXIT } from "../exit";
import { runCutover } from "./command";
import { checkStep, doStep, type Stage } from "./steps";

/** On a machine that is busy with a whole sandbox, doctor may take as long as it needs. */
const WITHIN = "3m";

/**
 * Types `cutover doctor` before a promotion: nothing may be left to mend. Channels that a tool subscribes to by itself
 * are added there first, as people do.
 */
export async function doctorStep(stage: Stage, rollout: Rollout, next: string): Promise<void> {
  await addToTools(stage, rollout);
  await checkStep(stage, `cutover doctor finds nothing to mend before ${next} is promoted`, async (lines) => {
    const { code, stdout, stderr } = await runCutover(stage.world, ["doctor", "--within", WITHIN]);
    const said = stdout.trim().split("\n");
    if (code === EXIT.ok) {
      lines.push(said.at(-1) ?? "");
      return undefined;
    }
    const wrong = said.flatMap((line, index) => (/^\s*[✖?]/.test(line) ? said.slice(index, index + 3) : []));
    return [`it ended with ${code}`, ...(wrong.length > 0 ? wrong : [stderr.trim()])].join("\n");
  });
}

/** A person adds a channel's topic in the tool, which then subscribes to it. */
async function addToTools(stage: Stage, { name, channels = {} }: Rollout): Promise<void> {
  const { sandbox, webhook } = stage.world;
  const own = Object.entries(channels).filter(([, config]) => channelKindOf(config).ownTopic);
  if (own.length === 0) return;
  await doStep(stage, `${own.map(([channel]) => channel).join(", ")} is added in its tool`, async () => {
    const sns = new SNSClient(emulated(sandbox.aws));
    try {
      for (const [channel] of own)
        await sns.send(
          new SubscribeCommand({
            TopicArn: `arn:aws:sns:${sandbox.aws.region}:${UNNAMED_ACCOUNT}:${channelName(name, channel)}`,
            Protocol: "http",
            Endpoint: `${webhook.url}/${channel}`,
          }),
        );
    } finally {
      sns.destroy();
    }
  });
}
