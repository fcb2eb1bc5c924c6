import { createHash } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { ackCommand } from "../../../cli/ack/run";
import { pagedKey, seenKey } from "../../../src/abort/seen";
import { readNotification } from "../../../src/channels/read";
import { codeDigest } from "../../../src/flags/acknowledged";
import { fakeAws, json, pointAwsTo, standIn } from "../../support/standIn";

const CODE = "K7QM2-XWD9F";
const AT = "2026-11-21T10:00:00.000Z";
const GROUP = "/cutover/v2-pipeline/percent10/decisions";
const ALICE = "arn:aws:sts::123456789012:assumed-role/OnCall/alice";
const PAGED = pagedKey("T5", AT, codeDigest({ rollout: "v2-pipeline", stage: "percent10" }, CODE));

let folder: string;
let printed: string[];
beforeEach(() => {
  printed = [];
  folder = mkdtempSync(join(tmpdir(), "cutover-ack-"));
  write("baseline", {
    "cutover:rollout": {
      name: "v2-pipeline",
      flags: { P: { kind: "percentage" } },
      topics: { onCall: [{ protocol: "email", endpoint: "on-call@example.com" }] },
      channels: {
        pager: { kind: "pagerduty", topics: ["onCall"], secret: "a/b" },
        chat: { kind: "slack", topics: ["onCall", "ops"], secret: "a/c" },
        quiet: { kind: "slack", topics: ["ops"], secret: "a/d" },
      },
    },
    "cutover:stage": { flags: { P: 0 } },
  });
  write("percent10", {
    "cutover:stage": {
      predecessor: "baseline",
      flags: { P: 10 },
      abort: {
        T5: {
          title: "Users complain about failed imports",
          metric: { namespace: "Imports", name: "Complaints", statistic: "Sum" },
          threshold: { gt: 0 },
          missingData: "notBreaching",
          action: "page",
        },
      },
    },
  });
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const write = (stack: string, config: object) =>
  writeFileSync(join(folder, `Pulumi.${stack}.yaml`), JSON.stringify({ config }));
const ack = (code = CODE) =>
  ackCommand({ code, folder, env: { AWS_REGION: "eu-central-1" }, print: (line) => void printed.push(line) });

const md5 = (text: unknown) => createHash("md5").update(String(text)).digest("hex");
/** An account in which nothing answers for AppConfig: pages of such a one are acknowledged, too. */
const aws = (changes: Parameters<typeof fakeAws>[0] = {}, kept: readonly string[] = [PAGED]) =>
  fakeAws({
    DescribeLogStreams: ({ logGroupName }) =>
      logGroupName === GROUP
        ? { logStreams: kept.map((logStreamName) => ({ logStreamName })) }
        : { error: "ResourceNotFoundException" },
    GetCallerIdentity: () =>
      `<GetCallerIdentityResponse><GetCallerIdentityResult><Arn>${ALICE}</Arn></GetCallerIdentityResult></GetCallerIdentityResponse>`,
    CreateLogStream: () => ({}),
    PutLogEvents: () => ({}),
    GetQueueUrl: ({ QueueName }) => ({ QueueUrl: `http://127.0.0.1/123456789012/${QueueName}` }),
    SendMessage: ({ MessageBody }) => ({ MessageId: "1", MD5OfMessageBody: md5(MessageBody) }),
    ...changes,
  });
const of = (calls: Awaited<ReturnType<typeof aws>>["calls"], operation: string) =>
  calls.filter((call) => call.operation === operation).map(({ input }) => input);

test("the page of a row that only pages is acknowledged beside it, and the channels that paged are told", async () => {
  const { calls } = await aws();
  expect(await ack(" k7qm2xwd9f ")).toBe(0);
  const [kept] = of(calls, "PutLogEvents");
  expect(kept).toMatchObject({ logGroupName: GROUP });
  expect(kept?.logStreamName).toMatch(/^T5\/seen\/1795255200000\/\d+\/alice$/);
  expect(JSON.stringify(kept)).not.toContain(CODE);
  const sent = of(calls, "SendMessage");
  expect(sent.map(({ QueueUrl }) => String(QueueUrl).split("/").at(-1)).sort()).toEqual([
    "v2-pipeline-chat-channel",
    "v2-pipeline-pager-channel",
  ]);
  expect(readNotification(String(sent[0]?.MessageBody), "v2-pipeline", 0)).toMatchObject({
    kind: "message",
    message: {
      kind: "acknowledged",
      headline: expect.stringMatching(/^alice saw it at .* UTC: the page of v2-pipeline percent10 T5$/),
      alarm: "123456789012/eu-central-1/v2-pipeline-percent10-T5",
      fired: [AT],
      fields: [],
    },
  });
  expect(of(calls, "Publish")).toEqual([]);
  expect(printed).toEqual([
    `v2-pipeline: it is recorded that the page of percent10 T5, whose alarm fired at ${AT}, was acknowledged by alice. No flag changed`,
    "Passed on to pager (PagerDuty), chat (Slack)",
  ]);
});

test("is recorded also where a channel cannot be told, and says so", async () => {
  const { calls } = await aws({
    GetQueueUrl: ({ QueueName }) =>
      String(QueueName).includes("pager")
        ? { error: "AccessDenied" }
        : { QueueUrl: `http://127.0.0.1/123456789012/${QueueName}` },
  });
  expect(await ack()).toBe(0);
  expect(of(calls, "PutLogEvents")).toHaveLength(1);
  expect(printed.slice(1)).toEqual([
    "Passed on to chat (Slack)",
    expect.stringMatching(
      /^WARNING: pager \(PagerDuty\) could not be told \(.*AccessDenied.*\): acknowledge it there, too/,
    ),
  ]);
});

test("once it was seen, nothing more is recorded, and nobody is told again", async () => {
  const { calls } = await aws({}, [PAGED, seenKey("T5", AT, Date.parse(AT) + 60_000, "bob")]);
  expect(await ack()).toBe(0);
  expect(of(calls, "PutLogEvents").concat(of(calls, "SendMessage"))).toEqual([]);
  expect(printed).toEqual([expect.stringContaining("acknowledged already by bob, at 2026-11-21T10:01:00")]);
});

describe("is refused", () => {
  test("where the code is another's, and AppConfig does not tell of its pages", async () => {
    const { calls } = await aws();
    await expect(ack("00000-00000")).rejects.toThrow();
    expect(of(calls, "PutLogEvents")).toEqual([]);
  });

  test("where nothing can be read, and says so", async () => {
    const { url } = await standIn((_, response) =>
      json(response, { __type: "ExpiredTokenException", message: "expired" }, 403),
    );
    pointAwsTo(url);
    await expect(ack()).rejects.toThrow(
      /^Nothing is acknowledged:\n.*ledger: cannot be read: AWS does not take the credentials \(expired\)\. Log in again\. Then type it again/,
    );
  });

  test("where it cannot be recorded; no channel is told", async () => {
    const { calls } = await aws({ CreateLogStream: () => ({ error: "AccessDeniedException" }) });
    await expect(ack()).rejects.toThrow(/decisions: cannot be written to: .*AccessDenied.*type it again/);
    expect(of(calls, "SendMessage")).toEqual([]);
  });
});
