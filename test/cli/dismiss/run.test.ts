import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { type DismissOptions, dismissCommand } from "../../../cli/dismiss/run";
import { pagedKey } from "../../../src/abort/seen";
import { UserError } from "../../../src/text/problem";
import { fakeAws, nobody, pointAwsTo } from "../../support/standIn";

const NOW = Date.parse("2026-11-21T10:20:00Z");
const GROUP = "/cutover/v2-pipeline/percent10/decisions";
const TOPIC = "arn:aws:sns:eu-central-1:123456789012:v2-pipeline-on-call";

let folder: string;
let printed: string[];
beforeEach(() => {
  printed = [];
  folder = mkdtempSync(join(tmpdir(), "cutover-dismiss-"));
  const row = (extra: object) => ({
    title: "Users complain about failed imports",
    metric: { namespace: "Imports", name: "Complaints", statistic: "Sum" },
    threshold: { gt: 0 },
    missingData: "notBreaching",
    action: "page",
    ...extra,
  });
  write("baseline", {
    "cutover:rollout": {
      name: "v2-pipeline",
      flags: { P: { kind: "percentage" } },
      topics: { onCall: [{ protocol: "email", endpoint: "on-call@example.com" }] },
    },
    "cutover:stage": { flags: { P: 0 } },
  });
  write("percent10", {
    "cutover:stage": {
      predecessor: "baseline",
      flags: { P: 10 },
      abort: { T3: row({ remind: { after: "1h" } }), T5: row({}) },
    },
  });
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const write = (stack: string, config: object) =>
  writeFileSync(join(folder, `Pulumi.${stack}.yaml`), JSON.stringify({ config }));

const dismiss = (changes: Partial<DismissOptions> = {}) =>
  dismissCommand({
    stage: "percent10",
    row: "T3",
    reason: "one user, an unrelated file",
    by: "ada",
    folder,
    env: { AWS_REGION: "eu-central-1" },
    print: (line) => void printed.push(line),
    now: NOW,
    ...changes,
  });

const aws = (changes: Parameters<typeof fakeAws>[0] = {}) =>
  fakeAws({
    CreateLogStream: () => ({}),
    PutLogEvents: () => ({}),
    ListTopics: () =>
      `<ListTopicsResponse><ListTopicsResult><Topics><member><TopicArn>${TOPIC}</TopicArn></member></Topics></ListTopicsResult></ListTopicsResponse>`,
    Publish: () =>
      "<PublishResponse><PublishResult><MessageId>1</MessageId></PublishResult></PublishResponse>",
    ...changes,
  });

test("records who decided what and why, and tells on-call alone, with the alarms that it decides", async () => {
  const kept = [
    ["T3", "2026-11-21T09:00:00.000Z"],
    ["T3", "2026-11-21T10:00:00.000Z"],
    ["T5", "2026-11-21T10:10:00.000Z"],
  ].map(([row = "", at = ""]) => ({ logStreamName: pagedKey(row, at, "d1") }));
  const { calls } = await aws({ DescribeLogStreams: () => ({ logStreams: kept }) });
  expect(await dismiss()).toBe(0);
  expect(calls.map(({ operation }) => operation)).toEqual([
    "CreateLogStream",
    "PutLogEvents",
    "DescribeLogStreams",
    "ListTopics",
    "Publish",
  ]);
  const stream = { logGroupName: GROUP, logStreamName: `T3/dismissed/${NOW}` };
  expect(calls[0]?.input).toMatchObject(stream);
  expect(calls[1]?.input).toMatchObject(stream);
  const [event] = (calls[1]?.input.logEvents ?? []) as { message: string }[];
  expect(JSON.parse(event?.message ?? "")).toEqual({
    decision: "dismissed",
    row: "T3",
    by: "ada",
    reason: "one user, an unrelated file",
  });
  expect(calls[4]?.input).toMatchObject({ TopicArn: TOPIC, Subject: "Dismissed: v2-pipeline percent10 T3" });
  expect(Object.values(calls[4]?.input ?? {})).toContain("2026-11-21T10:00:00.000Z 2026-11-21T09:00:00.000Z");
  expect(printed).toEqual([
    "v2-pipeline percent10 T3: dismissed by ada. Alarms before now are not reminded of.",
  ]);
});

test("counts also where on-call could not be told, and says so", async () => {
  await aws({ Publish: () => ({ error: "AuthorizationError", status: 403 }) });
  expect(await dismiss()).toBe(0);
  expect(printed[1]).toMatch(/^WARNING: on-call could not be told: v2-pipeline-on-call: .*Authorization/);
});

describe("is refused, and nothing recorded,", () => {
  test.each<[string, Partial<DismissOptions>, RegExp]>([
    [
      "for a row that asks for no decision",
      { row: "T5" },
      /T5 asks for no decision in percent10\. Rows that do: T3/,
    ],
    ["for a row that there is not", { row: "T9" }, /Rows that do: T3/],
    ["for a stage that asks for none", { stage: "baseline" }, /Rows that do: none/],
    ["for a stage that there is not", { stage: "percent11" }, /percent11 is no stage/],
    ["without a reason", { reason: "  " }, /--reason: says nothing/],
    ["without a region", { env: {} }, /AWS_REGION: is missing/],
  ])("%s", async (_, changes, told) => {
    const { calls } = await aws();
    const error = await dismiss(changes).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(UserError);
    expect(String(error)).toMatch(told);
    expect(calls).toEqual([]);
  });

  test("where the stage is not up", async () => {
    await aws({ CreateLogStream: () => ({ error: "ResourceNotFoundException" }) });
    await expect(dismiss()).rejects.toThrow(/decisions: cannot be written to: .*nothing was recorded/);
  });

  test("where AWS cannot be reached", async () => {
    pointAwsTo(await nobody());
    await expect(dismiss()).rejects.toThrow(/cannot be written to/);
  }, 20_000);
});
