import { readFileSync, statSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { expect, it, onTestFinished } from "vitest";
import { spawnWebhook } from "../../../sandbox/webhook/start";
import { environment, processesIn, temporaryFolder } from "../support";

async function opened() {
  const dir = temporaryFolder();
  const processes = processesIn(dir);
  return spawnWebhook({
    dir,
    spawn: (name, command, args) => processes.spawn(name, command, args, { env: environment() }),
  });
}

async function post(url: string, note: unknown): Promise<number> {
  const answer = await fetch(`${url}/on-call`, { method: "POST", body: JSON.stringify(note) });
  return answer.status;
}

it("writes what topics deliver, one line each, where nobody else can read it", async () => {
  const { url, file } = await opened();
  expect(readFileSync(file, "utf8")).toBe("");
  expect(statSync(file).mode & 0o777).toBe(0o600);
  const topic = { Type: "Notification", TopicArn: "arn:aws:sns:us-east-1:000000000000:search-on-call" };
  expect(await post(url, { ...topic, Subject: "one", Message: "line\nbreak" })).toBe(200);
  expect(await post(url, { ...topic, Subject: "two", Message: "m" })).toBe(200);
  const lines = readFileSync(file, "utf8").trimEnd().split("\n");
  expect(lines.map((line) => JSON.parse(line))).toMatchObject([
    { topic: "search-on-call", subject: "one", message: "line\nbreak" },
    { topic: "search-on-call", subject: "two", message: "m" },
  ]);
});

it("confirms a subscription, and writes nothing of it", async () => {
  const { url, file } = await opened();
  const asked: [string | undefined, string | undefined][] = [];
  const topic = createServer((request, response) => {
    asked.push([request.url, request.headers.authorization?.match(/Credential=[^/]+\/\d+\/[^/]+/)?.[0]]);
    response.end();
  });
  await new Promise<void>((resolve) => topic.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => void topic.close());
  const SubscribeURL = `http://127.0.0.1:${(topic.address() as AddressInfo).port}/confirm`;
  expect(await post(url, { Type: "SubscriptionConfirmation", SubscribeURL })).toBe(200);
  const TopicArn = "arn:aws:sns:eu-north-1:123456789012:search-on-call";
  expect(await post(url, { Type: "SubscriptionConfirmation", SubscribeURL, TopicArn })).toBe(200);
  expect(asked).toEqual([
    ["/confirm", undefined],
    // The emulator knows by this alone where the topic is.
    ["/confirm", "Credential=123456789012/20260101/eu-north-1"],
  ]);
  expect(readFileSync(file, "utf8")).toBe("");
});

it("refuses what is no message, and goes on", async () => {
  const { url } = await opened();
  const answer = await fetch(url, { method: "POST", body: "no JSON" });
  expect(answer.status).toBe(400);
  expect(await post(url, { Type: "Notification", Message: "m" })).toBe(200);
});
