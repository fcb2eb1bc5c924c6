import { join } from "node:path";
import { CloudWatchClient, DescribeAlarmsCommand, SetAlarmStateCommand } from "@aws-sdk/client-cloudwatch";
import { InvokeCommand, LambdaClient } from "@aws-sdk/client-lambda";
import { afterAll, beforeAll, expect, it } from "vitest";
import { POLICY_PACK } from "../../cli/policyPack";
import { PROGRAM, SandboxProject } from "../../cli/sandbox/project";
import { emulated } from "../../sandbox/aws/emulated";
import { appConfigClient } from "../../src/flags/appConfigStore";
import { findFlagStore } from "../../src/flags/find";
import { readLedger } from "../../src/flags/readLedger";
import { loadRollout } from "../../src/rollout/load";
import { FAST, Ground } from "./harness";
import { publishOnce } from "./publish";

/** The example `surfaces`, without what waits for people and for traffic: three phases, and rows of the first that ring in the third. */
const STAGES = ["baseline", "web", "ios", "android"];
let ground: Ground;
let project: SandboxProject;

beforeAll(async () => {
  ground = await Ground.open();
  const source = join(PROGRAM, "rollouts", "examples", "surfaces");
  project = new SandboxProject(join(ground.sandbox.dir, "surfaces"), source);
  await project.write(STAGES, () => ({ "cutover:timeScale": FAST }));
  const onCall = [{ protocol: "http", endpoint: `${ground.webhook.url}/on-call` }];
  await project.edit("baseline", ["cutover:rollout", "topics"], { onCall, ops: onCall });
  await project.edit("baseline", ["cutover:rollout", "servers"], undefined);
  for (const [index, stage] of STAGES.entries()) {
    const soaked = {
      ...{ title: "The stage before has soaked", source: "soak" },
      ...(index === 1 ? { atLeast: "1h" } : {}),
    };
    await project.edit(stage, ["cutover:stage", "entry"], index > 0 ? { [`S${index}`]: soaked } : undefined);
    await project.edit(stage, ["cutover:stage", "exit"], undefined);
  }
  await publishOnce(ground.sandbox, ["WebErrors", "IosErrors", "AndroidErrors", "FailedOrders"], {
    namespace: "Checkout",
  });
});
afterAll(() => ground?.close());

async function pulumi(...args: string[]): Promise<void> {
  const { code, stdout, stderr } = await ground.sandbox.pulumi([...args, "--non-interactive"], {
    cwd: project.folder,
    env: { PULUMI_OPTION_POLICY_PACK: POLICY_PACK },
  });
  expect(code, `${stdout}${stderr}`).toBe(0);
}

async function ledger() {
  const { region } = ground.sandbox.aws;
  const client = appConfigClient(region);
  try {
    const { name, flags } = loadRollout(project.folder);
    return await readLedger({ ...(await findFlagStore(client, name)), region }, flags);
  } finally {
    client.destroy();
  }
}

/** The surfaces that are up. */
const live = async () =>
  Object.entries((await ledger()).live?.flags ?? {}).flatMap(([flag, on]) =>
    on ? [flag.replace("_CHECKOUT", "")] : [],
  );
const becomes = (...surfaces: string[]) => expect.poll(live, { timeout: 60_000 }).toEqual(surfaces);
const paged = (row: string, words: string) =>
  expect
    .poll(() => ground.webhook.delivered.map(({ message }) => message).filter((one) => one.includes(words)), {
      timeout: 60_000,
    })
    .toContainEqual(expect.stringContaining(`surfaces web ${row}: `));

async function ring(row: string): Promise<void> {
  const client = new CloudWatchClient(emulated(ground.sandbox.aws));
  const AlarmName = `surfaces-web-${row}`;
  await client.send(new SetAlarmStateCommand({ AlarmName, StateValue: "ALARM", StateReason: "a test" }));
  client.destroy();
}

it("a row of the first phase takes down the third, since that is what is live", async () => {
  for (const stage of STAGES) {
    await pulumi("stack", "init", stage);
    await pulumi("up", "--yes", "--skip-preview", "--stack", stage);
  }
  expect(await live()).toEqual(["WEB", "IOS", "ANDROID"]);
  await ring("XA2");
  await becomes("WEB", "IOS");
  await paged("XA2", "one phase down: from android to ios");
  const { history } = await ledger();
  expect(history[0]?.note).toMatchObject({ kind: "abort", stage: "android", attempt: 1, row: "XA2" });
});

it("its message, delivered once more, takes nothing more down", async () => {
  const { history } = await ledger();
  const at = history[0]?.note?.id?.replace("XA2 ", "") ?? "";
  const topic = `arn:aws:sns:${ground.sandbox.aws.region}:000000000000:surfaces-web-abort`;
  const Message = JSON.stringify({
    ...{ AlarmName: "surfaces-web-XA2", AWSAccountId: "000000000000", NewStateValue: "ALARM" },
    ...{ NewStateReason: "a test", StateChangeTime: at },
  });
  const event = { Records: [{ EventSource: "aws:sns", Sns: { TopicArn: topic, Message } }] };
  const client = new LambdaClient(emulated(ground.sandbox.aws));
  const { FunctionError, Payload } = await client.send(
    new InvokeCommand({ FunctionName: "surfaces-web-abort", Payload: JSON.stringify(event) }),
  );
  client.destroy();
  expect(FunctionError, Buffer.from(Payload ?? []).toString()).toBeUndefined();
  expect(await live()).toEqual(["WEB", "IOS"]);
  expect((await ledger()).history.filter(({ note }) => note?.kind === "abort")).toHaveLength(1);
});

it("what came down goes up again in its next attempt, from the phase that stayed", async () => {
  const client = new CloudWatchClient(emulated(ground.sandbox.aws));
  const asked = new DescribeAlarmsCommand({ AlarmNames: ["surfaces-web-XA2"], StateValue: "ALARM" });
  await expect
    .poll(async () => (await client.send(asked)).MetricAlarms ?? [], { timeout: 120_000 })
    .toEqual([]);
  client.destroy();
  await project.edit("android", ["cutover:stage", "attempt"], 2);
  await pulumi("up", "--yes", "--skip-preview", "--stack", "android");
  expect(await live()).toEqual(["WEB", "IOS", "ANDROID"]);
});

it("a row of one surface takes it down, and leaves the others", async () => {
  await ring("XA1");
  await becomes("IOS", "ANDROID");
  await paged("XA1", "WEB_CHECKOUT, and what requires it: the others stay as they are");
});
