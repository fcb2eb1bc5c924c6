import { describe, expect, it, test } from "vitest";
import type { ServersConfig } from "../../../../src/flags/servers";
import { look, observeServers } from "../../../../src/gates/kinds/convergence.look";
import type { Sources } from "../../../../src/gates/look";
import { fakeAws, json, nobody, pointAwsTo, type StandIn, standIn } from "../../../support/standIn";

const REGION = "eu-central-1";
const FLAGS = { READ: true, WRITE: false };
const DECLARED = Object.keys(FLAGS);

function servers(spec: Partial<ServersConfig>): ServersConfig {
  return { urls: [], ecs: [], path: "/flags", at: "data.flags", ...spec };
}

const telling = (body: unknown = { data: { flags: FLAGS } }, status = 200) =>
  standIn((_, response) => json(response, body, status));

async function ask(...urls: string[]) {
  return observeServers(servers({ urls }), REGION, DECLARED);
}

const hostOf = ({ url }: Pick<StandIn, "url">) => new URL(url).host;

describe("each listed server", () => {
  it("is asked by itself, at the path that config names", async () => {
    const [one, two] = [await telling(), await telling({ data: { flags: { READ: false } } })];
    expect(await ask(one.url, two.url)).toEqual({
      kind: "servers",
      servers: [
        { server: hostOf(one), flags: FLAGS },
        { server: hostOf(two), flags: { READ: false } },
      ],
    });
    expect(one.asked.map(({ method, path }) => `${method} ${path}`)).toEqual(["GET /flags"]);
  });

  it("is asked below the base path that it may have, and told apart by it", async () => {
    const server = await telling();
    const seen = await ask(`${server.url}/one`, `${server.url}/two/`);
    expect(server.asked.map(({ path }) => path).sort()).toEqual(["/one/flags", "/two/flags"]);
    expect(seen).toMatchObject({
      servers: [{ server: `${hostOf(server)}/one` }, { server: `${hostOf(server)}/two` }],
    });
  });

  it("may tell its flags at the top of the answer", async () => {
    const server = await telling({ ...FLAGS, percent: 10, name: "a server", inner: {} });
    expect(await observeServers(servers({ urls: [server.url], at: "" }), REGION, DECLARED)).toMatchObject({
      servers: [{ flags: FLAGS, others: 1 }],
    });
  });

  it("may tell any number of flags that nobody asks about, whatever their names: they are counted", async () => {
    const many = Object.fromEntries(Array.from({ length: 20_000 }, (_, index) => [`flag_${index}`, 1]));
    const server = await telling({ data: { flags: { ...FLAGS, "\u202e\u001b[2J token": true, ...many } } });
    expect(await ask(server.url)).toEqual({
      kind: "servers",
      servers: [{ server: hostOf(server), flags: FLAGS, others: 20_001 }],
    });
  });

  it("is asked for the flags of its gate", async () => {
    const server = await telling();
    const asked = {
      id: "A2",
      phase: "smoke",
      stage: "stageB",
      definition: {},
      flags: { READ: true },
    } as const;
    const sources = { servers: servers({ urls: [server.url] }), region: REGION } as Sources;
    expect(await look(asked, sources)).toMatchObject({ servers: [{ flags: { READ: true }, others: 1 }] });
  });

  test.each<[string, () => Promise<{ url: string }>, string | RegExp]>([
    ["answers with an error", () => telling({}, 503), "answered 503"],
    [
      "answers with no JSON, of which not a word is repeated",
      () => standIn((_, response) => response.end("s3cr3t")),
      "answers what is not valid JSON",
    ],
    [
      "answers without end",
      () => standIn((_, response) => response.end("1".repeat(9 << 20))),
      /longer than 8388608 bytes/,
    ],
    ["tells no flags where they should be", () => telling({ flags: FLAGS }), "tells no flags at data.flags"],
    [
      "tells something else there",
      () => telling({ data: { flags: "READ" } }),
      "tells no flags at data.flags",
    ],
    ["is not there", async () => ({ url: await nobody() }), /ECONNREFUSED/],
    ["hangs up", () => standIn((_, response) => response.destroy()), /./],
  ])("that %s says so, and spoils no other", async (_, start, error) => {
    const [good, bad] = [await telling(), await start()];
    const said = typeof error === "string" ? error : expect.stringMatching(error);
    expect(await ask(bad.url, good.url)).toEqual({
      kind: "servers",
      servers: [
        { server: hostOf(bad), error: said },
        { server: hostOf(good), flags: FLAGS },
      ],
    });
  });

  it("that leads elsewhere has told nothing: another server's flags are not its own", async () => {
    const other = await telling();
    const server = await standIn((_, response) =>
      response.writeHead(307, { location: `${other.url}/flags` }).end(),
    );
    expect(await ask(server.url)).toMatchObject({ servers: [{ error: "answered 307" }] });
    expect(other.asked).toEqual([]);
  });

  it("that does not answer in time counts as one that did not", async () => {
    const [good, slow] = [await telling(), await standIn(() => {})];
    const both = servers({ urls: [slow.url, good.url] });
    expect(await observeServers(both, REGION, DECLARED, 250)).toMatchObject({
      servers: [{ server: hostOf(slow), error: expect.stringMatching(/timeout/i) }, { flags: FLAGS }],
    });
  });
});

it("is a failure where no servers are declared", async () => {
  expect(await observeServers(undefined, REGION, DECLARED)).toMatchObject({
    kind: "failure",
    failure: "unreachable",
  });
});

it("asks the tasks of a service that stand in the URLs there alone", async () => {
  const server = await telling();
  const aws = await fakeAws({});
  const at = { port: 80, scheme: "http" as const, restart: true, reachedBy: "urls" as const };
  const ecs = [{ cluster: "ops", service: "view", ...at }];
  expect(await observeServers(servers({ urls: [server.url], ecs }), REGION, DECLARED)).toEqual({
    kind: "servers",
    servers: [{ server: hostOf(server), flags: FLAGS }],
  });
  expect(aws.calls).toEqual([]);
});

describe("the tasks of an ECS service", () => {
  const arn = (index: number) => `arn:aws:ecs:eu-central-1:1:task/ops/${index}`;
  const task = (index: number, address: string | undefined) => ({
    taskArn: arn(index),
    attachments: [
      {
        details: [
          { name: "subnetId", value: "subnet-1" },
          ...(address === undefined ? [] : [{ name: "privateIPv4Address", value: address }]),
        ],
      },
    ],
  });
  const listed = (port: string) =>
    servers({
      ecs: [{ cluster: "ops", service: "view", port: Number(port), scheme: "http", restart: false }],
    });

  it("are listed page by page, described, and asked by their private addresses", async () => {
    const server = await telling();
    const { port } = new URL(server.url);
    const aws = await fakeAws({
      ListTasks: (_, before) =>
        before === 0 ? { taskArns: [arn(0)], nextToken: "1" } : { taskArns: [arn(1)] },
      DescribeTasks: ({ tasks }) => ({
        tasks: (tasks as string[]).map((one) => task(one === arn(0) ? 0 : 1, "127.0.0.1")),
      }),
    });
    expect(await observeServers(listed(port), REGION, DECLARED)).toEqual({
      kind: "servers",
      servers: [0, 1].map(() => ({ server: `127.0.0.1:${port}`, flags: FLAGS })),
    });
    expect(aws.calls[0]?.input).toMatchObject({
      cluster: "ops",
      serviceName: "view",
      desiredStatus: "RUNNING",
    });
  });

  it("are described a hundred at a time, and none is left out", async () => {
    const server = await telling();
    const all = Array.from({ length: 130 }, (_, index) => arn(index));
    const aws = await fakeAws({
      ListTasks: () => ({ taskArns: all }),
      DescribeTasks: ({ tasks }) => ({
        tasks: (tasks as string[]).map((_, index) => task(index, "127.0.0.1")),
      }),
    });
    const seen = await observeServers(listed(new URL(server.url).port), REGION, DECLARED);
    expect((seen as { servers: unknown[] }).servers).toHaveLength(130);
    const sizes = aws.calls.flatMap(({ input }) => (input.tasks ? [(input.tasks as string[]).length] : []));
    expect(sizes).toEqual([100, 30]);
  });

  test.each<[string, Parameters<typeof fakeAws>[0], RegExp]>([
    ["there are none", { ListTasks: () => ({ taskArns: [] }) }, /ops\/view has no running task/],
    [
      "one has no address yet",
      {
        ListTasks: () => ({ taskArns: [arn(0), arn(1)] }),
        DescribeTasks: () => ({ tasks: [task(0, "127.0.0.1"), task(1, undefined)] }),
      },
      /task\/ops\/1 has no private address/,
    ],
    [
      "one cannot be described",
      {
        ListTasks: () => ({ taskArns: [arn(0), arn(1)] }),
        DescribeTasks: () => ({
          tasks: [task(0, "127.0.0.1")],
          failures: [{ arn: arn(1), reason: "MISSING" }],
        }),
      },
      /1 of 2 tasks of ops\/view cannot be described: MISSING/,
    ],
    [
      "none can be described",
      { ListTasks: () => ({ taskArns: [arn(0)] }), DescribeTasks: () => ({}) },
      /1 of 1 tasks of ops\/view cannot be described/,
    ],
    [
      "AWS refuses",
      { ListTasks: () => ({ error: "AccessDeniedException" }) },
      /AccessDeniedException, says AWS/,
    ],
  ])("are a failure, not a shorter list, where %s", async (_, operations, message) => {
    const server = await telling();
    await fakeAws(operations);
    const config = { ...listed(new URL(server.url).port), urls: [server.url] };
    expect(await observeServers(config, REGION, DECLARED)).toEqual({
      kind: "failure",
      failure: "unreachable",
      message: expect.stringMatching(message),
    });
  });

  it("are a failure where AWS is not there", async () => {
    pointAwsTo(await nobody());
    expect(await observeServers(listed("80"), REGION, DECLARED)).toMatchObject({
      kind: "failure",
      failure: "unreachable",
    });
  });
});
