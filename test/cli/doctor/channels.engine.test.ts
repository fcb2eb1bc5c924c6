import { delimiter, dirname } from "node:path";
import { Lambda } from "@aws-sdk/client-lambda";
import { SecretsManager } from "@aws-sdk/client-secrets-manager";
import { SNS } from "@aws-sdk/client-sns";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { doctorCommand } from "../../../cli/doctor/run";
import { type DoctorView, doctorView } from "../../../cli/doctor/schema";
import { emulated } from "../../../sandbox/aws/emulated";
import { standInFor } from "../../../sandbox/webhook/tools";
import { Ground, outcome, SLOW, type TestRollout } from "../../engine/harness";

const WRONG_KEY = "no-integration-key-of-pagerduty";
const NAME = "told/pager";

/** Each test leans on those before it. */
describe("doctor, of channels", () => {
  let ground: Ground;
  let rollout: TestRollout;
  let lambda: Lambda;
  let sns: SNS;
  let secrets: SecretsManager;

  beforeAll(async () => {
    ground = await Ground.open();
    const at = emulated(ground.sandbox.aws);
    [lambda, sns, secrets] = [new Lambda(at), new SNS(at), new SecretsManager(at)];
    vi.stubEnv("AWS_REGION", ground.sandbox.aws.region);
    rollout = await ground.rollout("told", { scale: SLOW, abortSwitch: true, stacks: ["baseline"] });
    await rollout.edit("baseline", ["cutover:rollout", "channels"], {
      pager: { kind: "pagerduty", topics: ["onCall"], secret: NAME, ...standIn().url },
      teams: { kind: "amazonQ", topics: ["ops"] },
    });
  });
  afterAll(async () => {
    vi.unstubAllEnvs();
    for (const client of [lambda, sns, secrets]) client?.destroy();
    await ground?.close();
  });

  const standIn = () => {
    const { url, secret = "" } = standInFor("pagerduty", ground.webhook);
    return { url: url === undefined ? {} : { url }, secret };
  };

  /** What is said of channels, and all that was printed. */
  async function told(): Promise<{ lines: string[]; printed: string }> {
    const { sandbox } = ground;
    const written: string[] = [];
    const PATH = [dirname(sandbox.engine.pulumi), process.env.PATH].join(delimiter);
    await doctorCommand({
      folder: rollout.project.folder,
      json: true,
      within: "120s",
      env: { ...sandbox.env, PATH },
      screen: { write: (text) => written.push(text) },
    });
    const view: DoctorView = doctorView.parse(JSON.parse(written.join("")));
    const lines = view.lines.filter(({ name }) => /^(channel|function) /.test(name));
    return {
      lines: lines.map(({ state, name, what }) => `${state} ${name}: ${what}`),
      printed: written.join(""),
    };
  }

  it("asks for a secret before the first up, and for its shape, and never shows it", async () => {
    expect((await told()).lines).toEqual([
      `fault channel pager: there is no secret ${NAME}: it is told nothing`,
      expect.stringMatching(/^later channel teams: .*made by the next/),
    ]);
    await secrets.createSecret({ Name: NAME, SecretString: WRONG_KEY });
    const { lines, printed } = await told();
    expect(lines[0]).toMatch(/^fault channel pager: the secret told\/pager is no integration key/);
    expect(printed).not.toContain(WRONG_KEY);
  });

  it("says whom each would page once it is up, and which tool does not listen yet", async () => {
    await secrets.putSecretValue({ SecretId: NAME, SecretString: standIn().secret });
    expect(await outcome(rollout.up("baseline"))).toBe("promoted");
    expect((await told()).lines).toEqual([
      "ok channel pager: PagerDuty is told what goes to on-call, and pages whoever is on call there",
      "fault channel teams: Amazon Q Developer does not listen to its topic told-teams-channel: it shows nothing",
      "ok function told-channels: is active, and sends what queues hold",
    ]);
    const { Topics = [] } = await sns.listTopics({});
    const TopicArn = Topics.find((one) => one.TopicArn?.endsWith(":told-teams-channel"))?.TopicArn;
    await sns.subscribe({ TopicArn, Protocol: "http", Endpoint: `${ground.webhook.url}/teams` });
    const { lines, printed } = await told();
    expect(lines.filter((line) => !line.startsWith("ok"))).toEqual([]);
    expect(printed).not.toContain(standIn().secret);
  });

  it("misses what feeds a queue to the function, and a topic that does not deliver any more", async () => {
    const { EventSourceMappings = [] } = await lambda.listEventSourceMappings({
      FunctionName: "told-channels",
    });
    const fed = EventSourceMappings.find((one) => one.EventSourceArn?.endsWith(":told-pager-channel"));
    await lambda.deleteEventSourceMapping({ UUID: fed?.UUID });
    const { Subscriptions = [] } = await sns.listSubscriptions({});
    const deaf = Subscriptions.find((one) => one.Endpoint?.endsWith(":told-teams-channel"));
    await sns.unsubscribe({ SubscriptionArn: deaf?.SubscriptionArn });
    expect((await told()).lines).toEqual([
      "fault channel pager: nobody reads its queue: the event source mapping is not there",
      "fault channel teams: ops does not deliver to its queue",
      "ok function told-channels: is active, and sends what queues hold",
    ]);
  });
});
