import { gzipSync } from "node:zlib";
import { AppConfig } from "@aws-sdk/client-appconfig";
import { parseXML } from "@aws-sdk/xml-builder";
import { cbor } from "@smithy/core/cbor";
import { expect, it, onTestFinished } from "vitest";
import { readQuery } from "../../../../sandbox/aws/front/wire/query";
import { type FrontUnderTest, openFront, settings } from "./world";

const authorization =
  "AWS4-HMAC-SHA256 Credential=test/20260101/us-east-1/monitoring/aws4_request, SignedHeaders=host, Signature=x";

const VERSION = "2010-08-01";
const METRIC = { Namespace: "App", MetricData: [{ MetricName: "M", Value: 3, StorageResolution: 1 }] };
const PUT = { Namespace: "App", "MetricData.member.1.MetricName": "M", "MetricData.member.1.Value": "3" };

interface Spoken {
  readonly status: number;
  readonly body: Record<string, unknown>;
}

type Speak = (front: FrontUnderTest, operation: string, input: object) => Promise<Spoken>;

const json: Speak = async ({ endpoint }, operation, input) => {
  const headers = { authorization, "x-amz-target": `GraniteServiceVersion20100801.${operation}` };
  const response = await fetch(endpoint, { method: "POST", headers, body: JSON.stringify(input) });
  return { status: response.status, body: (await response.json()) as Record<string, unknown> };
};

const binary: Speak = async ({ endpoint }, operation, input) => {
  const headers = { authorization, "content-type": "application/cbor", "smithy-protocol": "rpc-v2-cbor" };
  const url = `${endpoint}/service/GraniteServiceVersion20100801/operation/${operation}`;
  const response = await fetch(url, {
    method: "POST",
    headers,
    body: cbor.serialize(input) as Uint8Array<ArrayBuffer>,
  });
  return { status: response.status, body: cbor.deserialize(new Uint8Array(await response.arrayBuffer())) };
};

const query: Speak = async ({ endpoint }, operation, input) => {
  const body = new URLSearchParams({ Action: operation, Version: VERSION, ...input });
  const response = await fetch(endpoint, { method: "POST", headers: { authorization }, body });
  const said = parseXML(await response.text()) as Record<string, Record<string, unknown>>;
  const root = Object.values(said).at(-1) as Record<string, unknown>;
  return { status: response.status, body: (root[`${operation}Result`] ?? root) as Record<string, unknown> };
};

/** How each protocol asks for the same. */
const PROTOCOLS: readonly [string, Speak, object, object][] = [
  ["JSON", json, METRIC, { ...METRIC, Namespace: "AWS/X" }],
  ["CBOR", binary, METRIC, { ...METRIC, Namespace: "AWS/X" }],
  ["query", query, PUT, { ...PUT, Namespace: "AWS/X" }],
];

it.each(PROTOCOLS)("%s: takes, refuses, answers and mends", async (_protocol, speak, put, refused) => {
  const front = await openFront({
    DescribeAlarms: {
      MetricAlarms: [{ AlarmName: "a", StateValue: "OK", StateUpdatedTimestamp: 1_767_268_800 }],
    },
  });
  expect((await speak(front, "PutMetricData", put)).status).toBe(200);
  const { status, body } = await speak(front, "PutMetricData", refused);
  expect(status).toBe(400);
  expect(JSON.stringify(body)).toContain("InvalidParameterValue");
  expect(JSON.stringify((await speak(front, "ListMetrics", { MetricName: "M" })).body)).toContain('"App"');
  const definition = {
    AlarmName: "a",
    Namespace: "App",
    MetricName: "M",
    Statistic: "Sum",
    ComparisonOperator: "LessThanThreshold",
    AlarmDescription: "a < b & c",
  };
  const numbers = { Period: 60, EvaluationPeriods: 2, Threshold: 1.5 };
  const text = Object.fromEntries(Object.entries(numbers).map(([name, value]) => [name, String(value)]));
  await speak(front, "PutMetricAlarm", { ...definition, ...(speak === query ? text : numbers) });
  const { body: described } = await speak(front, "DescribeAlarms", {});
  const shown = JSON.stringify(described);
  expect(shown).toContain("a < b & c");
  expect(shown).toMatch(/"Threshold":"?1.5/);
  expect(shown).toMatch(
    /"StateUpdatedTimestamp":("2026-01-01T12:00:00.000Z"|1767268800|\{"tag":1,"value":1767268800\})/,
  );
});

it("reads what the SDK has compressed", async () => {
  const front = await openFront();
  const headers = { authorization, "content-encoding": "gzip", "x-amz-target": "X.PutMetricData" };
  await fetch(front.endpoint, { method: "POST", headers, body: gzipSync(JSON.stringify(METRIC)) });
  expect(JSON.stringify((await json(front, "ListMetrics", {})).body)).toContain('"App"');
});

it("hands on what it does not know, byte for byte", async () => {
  const front = await openFront({ "GET /bucket/key": "as it is" });
  expect(await (await fetch(`${front.endpoint}/bucket/key`)).text()).toBe("as it is");
});

it("reads lists and structures of the query protocol", () => {
  expect(
    readQuery(
      "Dimensions.member.2.Name=b&Dimensions.member.1.Name=a&Dimensions.member.1.Value=5&Period=60&Values.x=&ActionsEnabled=false",
    ),
  ).toEqual({
    Dimensions: [{ Name: "a", Value: "5" }, { Name: "b" }],
    Period: 60,
    Values: { x: "" },
    ActionsEnabled: false,
  });
});

it("lists deployments as AWS does: newest first, 50 at most, page by page", async () => {
  const Items = Array.from({ length: 120 }, (_, index) => ({ DeploymentNumber: index + 1 }));
  const front = await openFront({
    "GET /applications/a/environments/e/deployments?max_results=1000000": { Items },
  });
  const client = new AppConfig(settings(front.endpoint));
  onTestFinished(() => client.destroy());
  const seen: number[][] = [];
  let NextToken: string | undefined;
  do {
    const page = await client.listDeployments({ ApplicationId: "a", EnvironmentId: "e", NextToken });
    seen.push((page.Items ?? []).map(({ DeploymentNumber }) => DeploymentNumber ?? 0));
    NextToken = page.NextToken;
  } while (NextToken !== undefined);
  expect(seen.map((page) => page.length)).toEqual([50, 50, 20]);
  expect(seen.flat()).toEqual(Items.map(({ DeploymentNumber }) => DeploymentNumber).reverse());
});
