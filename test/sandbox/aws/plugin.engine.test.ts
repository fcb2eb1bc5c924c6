import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openSandbox, type Sandbox, silentProgress } from "../../../sandbox";
import { aws } from "../../../sandbox/aws/plugin/plugin";
import { Aws } from "../../../sandbox/aws/plugin/session";
import type { Props } from "../../../sandbox/plugin/values";
import { appconfig } from "../plugin/cases/appconfig";
import type { Cases, World } from "../plugin/cases/case";
import { database } from "../plugin/cases/database";
import { functions } from "../plugin/cases/functions";
import { secrets } from "../plugin/cases/secrets";
import { signals } from "../plugin/cases/signals";
import { time } from "../plugin/cases/time";
import { Driver, type Living, live } from "../plugin/lifecycle";

const cases: Cases = { ...appconfig, ...database, ...functions, ...secrets, ...signals, ...time };

const SERVICES = [
  ...["appconfig", "cloudwatch", "events", "iam", "kms", "lambda", "logs", "rds", "scheduler"],
  ...["secretsmanager", "sns", "sqs", "sts"],
];

const settings = (endpoint: string) => ({
  region: "us-east-1",
  accessKey: "test",
  secretKey: "test",
  endpoints: [Object.fromEntries(SERVICES.map((service) => [service, endpoint]))],
});

describe("aws, on the emulator", () => {
  let sandbox: Sandbox;
  let driver: Driver<Aws>;
  let client: Aws;

  beforeAll(async () => {
    sandbox = await openSandbox({ progress: silentProgress });
    const config = settings(sandbox.aws.endpoint);
    client = new Aws(config, config.region);
    driver = new Driver(aws, {
      ...config,
      endpoints: JSON.stringify(config.endpoints),
      defaultTags: JSON.stringify({ tags: { project: "cutover" } }),
    });
  }, 60_000);
  afterAll(() => sandbox?.stop());

  it.each(Object.keys(aws.rows))("%s lives its life", async (type) => {
    const before: [string, Living][] = [];
    const world: World = {
      aws: client,
      async has(of: string, inputs: Props) {
        const made = await driver.create(of, inputs);
        before.push([of, made]);
        return made;
      },
    };
    try {
      const life = await cases[type]?.(world);
      if (!life) throw new Error(`no case shows that ${type} works`);
      await live(driver, type, life);
    } finally {
      for (const [of, living] of before.reverse()) await driver.remove(of, living);
    }
  });

  it("does nothing in an account that is not meant, as the provider does", async () => {
    const config = settings(sandbox.aws.endpoint);
    const refused = /^AWS account ID not allowed: 000000000000$/;
    for (const lists of [
      { allowedAccountIds: ["111122223333"] },
      { forbiddenAccountIds: ["000000000000"] },
    ]) {
      const aws = new Aws({ ...config, ...lists }, config.region);
      await expect(aws.sns()).rejects.toThrow(refused);
      expect(await aws.account()).toBe("000000000000");
    }
    const allowed = new Aws({ ...config, allowedAccountIds: ["000000000000"] }, config.region);
    expect(await (await allowed.sns()).listTopics({})).toBeDefined();
  });
});
