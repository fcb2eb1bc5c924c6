import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { AppConfigClient } from "@aws-sdk/client-appconfig";
import { CloudWatchLogs } from "@aws-sdk/client-cloudwatch-logs";
import { SecretsManager } from "@aws-sdk/client-secrets-manager";
import { SNS } from "@aws-sdk/client-sns";
import { type Asked, ROLES, type Role } from "../../../cli/permissions/asked";
import { statementsOf } from "../../../cli/permissions/policy";
import { type CommandResult, runCutover } from "../../../cli/rehearse/command";
import { emulated } from "../../../sandbox/aws/emulated";
import { standInFor } from "../../../sandbox/webhook/tools";
import { channelName } from "../../../src/aws/names";
import { AppConfigStore } from "../../../src/flags/appConfigStore";
import { findFlagStore } from "../../../src/flags/find";
import { loadRollout } from "../../../src/rollout/load";
import { Ground, type StackName, type TestRollout } from "../../engine/harness";
import { type RecordedCall, recordOf } from "./calls";
import { type Guarded, guarded } from "./iam";

/** What a command came to. */
export interface Came {
  readonly code: number;
  readonly output: string;
}

/** A rollout with one of everything that calls AWS, each of whose calls is held to the printed policies. */
export class Life {
  readonly calls: RecordedCall[] = [];
  readonly seen = new Map<Role, Set<string>>();
  /** What the server says its flags come from. */
  source = "appconfig";

  private constructor(
    readonly ground: Ground,
    readonly aws: Guarded,
    readonly rollout: TestRollout,
    private readonly server: Server,
    private readonly asked: Asked,
  ) {}

  static async open(): Promise<Life> {
    const ground = await Ground.open();
    const aws = await guarded(ground.sandbox.aws.endpoint);
    const rollout = await ground.rollout("allowed", { abortSwitch: true });
    const life: { one?: Life } = {};
    const server = createServer(async (_, response) => {
      const { _cutover, ...flags } = await liveDocument(ground, rollout.name).catch((): Served => ({}));
      response.end(JSON.stringify({ data: { flags, drill: _cutover?.drill, source: life.one?.source } }));
    });
    await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    await Promise.all([writeAll(rollout, url, ground), makeLog(ground), makeSecret(ground)]);
    const asked = {
      rollout: loadRollout(rollout.project.folder),
      ...{ partition: "aws", region: "us-east-1", account: "000000000000", application: "*" },
    };
    life.one = new Life(ground, aws, rollout, server, asked);
    return life.one;
  }

  async close(): Promise<void> {
    this.server.close();
    await this.aws.stop();
    await this.ground.close();
  }

  /** `pulumi up`, or its preview. */
  up(stack: StackName, { without, preview = false }: { without?: string; preview?: boolean } = {}) {
    const role = preview ? "preview" : "promote";
    return this.as(role, `${preview ? "preview" : "up"} ${stack}`, without, (env) =>
      this.rollout.up(stack, { preview, env }),
    );
  }

  /** Another command of Pulumi's. */
  pulumi(role: Role, stack: StackName, ...args: readonly string[]): Promise<Came> {
    const typed = [...args.filter((word) => word !== "--yes" && word !== "--skip-preview"), stack].join(" ");
    return this.as(role, typed, undefined, async (env) => {
      const { code, stdout, stderr } = await this.rollout.pulumi([...args, "--stack", stack], env);
      return { code, output: stdout + stderr };
    });
  }

  /** A command of cutover's. */
  cutover(role: Role, ...args: string[]): Promise<CommandResult & Came> {
    return this.lacking(undefined, role, ...args);
  }

  /** The same, by somebody who lacks a permission. */
  lacking(without: string | undefined, role: Role, ...args: string[]): Promise<CommandResult & Came> {
    const { sandbox } = this.ground;
    const { project } = this.rollout;
    return this.as(role, args[0] ?? "", without, async (env) => {
      const ran = await runCutover(
        { sandbox: { ...sandbox, env: { ...sandbox.env, ...env } }, project },
        args,
      );
      return { ...ran, output: ran.stdout + ran.stderr };
    });
  }

  /** The chat's own topic is listened to, as Amazon Q Developer is set up to do. */
  async listen(): Promise<void> {
    const sns = new SNS(emulated(this.ground.sandbox.aws));
    const TopicArn = `arn:aws:sns:us-east-1:000000000000:${channelName("allowed", "chat")}`;
    await sns.subscribe({ TopicArn, Protocol: "http", Endpoint: `${this.ground.webhook.url}/chat` });
    sns.destroy();
  }

  /** Which roles called an action. */
  whoCalled(action: string): Role[] {
    return ROLES.filter((role) => this.seen.get(role)?.has(action));
  }

  private async as<T>(
    role: Role,
    command: string,
    without: string | undefined,
    work: (env: Record<string, string>) => Promise<T>,
  ): Promise<T> {
    const statements = statementsOf(role, this.asked).map((one) => ({
      ...one,
      Action: one.Action.filter((action) => action !== without),
    }));
    this.aws.as(statements, without !== undefined);
    const from = this.aws.needed.length;
    const done = await work({ AWS_ENDPOINT_URL: this.aws.url });
    const called = this.seen.get(role) ?? new Set();
    for (const needed of this.aws.needed.slice(from)) {
      called.add(needed.action);
      if (without === undefined) this.calls.push(recordOf(role, command, needed));
    }
    this.seen.set(role, called);
    return done;
  }
}

interface Served {
  readonly [flag: string]: unknown;
  readonly _cutover?: { readonly drill?: string };
}

/** The document that servers are served, with what a drill puts beside the flags. */
async function liveDocument({ sandbox }: Ground, name: string): Promise<Served> {
  const client = new AppConfigClient(emulated(sandbox.aws));
  try {
    const { live } = await new AppConfigStore(client, await findFlagStore(client, name)).read();
    return JSON.parse(live?.document ?? "{}") as Served;
  } finally {
    client.destroy();
  }
}

const LOG_GROUP = "/ecs/ops-view";

async function makeLog({ sandbox }: Ground): Promise<void> {
  const logs = new CloudWatchLogs(emulated(sandbox.aws));
  await logs.createLogGroup({ logGroupName: LOG_GROUP });
  logs.destroy();
}

const PAGER = "allowed/pager";

async function makeSecret({ sandbox, webhook }: Ground): Promise<void> {
  const secrets = new SecretsManager(emulated(sandbox.aws));
  await secrets.createSecret({ Name: PAGER, SecretString: standInFor("pagerduty", webhook).secret });
  secrets.destroy();
}

/** One of each thing that a stage may have and that calls AWS. */
async function writeAll(rollout: TestRollout, url: string, { webhook }: Ground): Promise<void> {
  await rollout.edit("baseline", ["cutover:rollout", "servers"], {
    ...{ urls: [url], path: "/flags", at: "data.flags", source: "data.source" },
  });
  await rollout.edit("baseline", ["cutover:rollout", "channels"], {
    chat: { kind: "amazonQ", topics: ["ops"] },
    pager: {
      ...{ kind: "pagerduty", topics: ["onCall"], secret: PAGER },
      url: standInFor("pagerduty", webhook).url,
    },
  });
  // Its servers are none of ECS's: what they read is there, and nobody is started anew.
  await rollout.edit("baseline", ["cutover:rollout", "delivery"], {
    tasks: { kind: "ssm", path: "/allowed/flags", within: "10s" },
  });
  await rollout.edit("stageA", ["cutover:stage", "abort", "T9"], {
    title: "Somebody has to decide",
    metric: { namespace: "OpsView", name: "RoleLeak", statistic: "Sum", period: "10s" },
    threshold: { gt: 0 },
    missingData: "notBreaching",
    action: "page",
    remind: { after: "1h" },
  });
  await rollout.edit("stageB", ["cutover:stage", "abort", "XB3"], {
    title: "A signal in the database",
    probe: { query: "select count(*) from patches where false" },
    threshold: { gt: 0 },
    action: "rollback",
  });
  await rollout.edit("stageB", ["cutover:stage", "abort", "XB9"], {
    title: "Lines of a log",
    logs: { group: LOG_GROUP, pattern: '"could not write"' },
    threshold: { gt: 0 },
    action: "page",
  });
  await rollout.edit("stageB", ["cutover:stage", "messages"], {
    C3: { title: "Much later", to: ["ops"], when: { after: "300d" } },
  });
  await rollout.edit("stageB", ["cutover:stage", "exit", "Z1"], {
    title: "The database answers",
    source: "sql",
    query: "select count(*) from patches where field_key = 'permissions'",
    expect: { eq: 0 },
  });
}
