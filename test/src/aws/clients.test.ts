import { createServer, type RequestListener } from "node:http";
import type { AddressInfo, Socket } from "node:net";
import { ListTopicsCommand, SNSClient } from "@aws-sdk/client-sns";
import { expect, onTestFinished, test } from "vitest";
import { awsClient } from "../../../src/aws/clients";

/** A server that stands for AWS, and a client that gives it 200 ms; with how often it was asked. */
async function client(
  answer: RequestListener,
  attempts: number,
): Promise<{ sns: SNSClient; asked(): number }> {
  let asked = 0;
  const sockets = new Set<Socket>();
  const server = createServer((request, response) => {
    asked++;
    answer(request, response);
  }).on("connection", (socket) => sockets.add(socket));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const credentials = { accessKeyId: "AKIDEXAMPLE", secretAccessKey: "none" };
  const sns = awsClient(
    SNSClient,
    { region: "eu-central-1", endpoint, credentials },
    { request: 200, attempts },
  );
  onTestFinished(() => {
    sns.destroy();
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  return { sns, asked: () => asked };
}

const TIMEOUT = { name: "TimeoutError" };

test("a request that is not answered ends, and is repeated as often as allowed", async () => {
  const { sns, asked } = await client(() => {}, 2);
  await expect(sns.send(new ListTopicsCommand({}))).rejects.toMatchObject(TIMEOUT);
  expect(asked()).toBe(2);
});

test("an answer that stops in its middle ends, too", async () => {
  const { sns } = await client((_, response) => response.writeHead(200).write("<ListTopicsResponse>"), 1);
  await expect(sns.send(new ListTopicsCommand({}))).rejects.toMatchObject(TIMEOUT);
});

test("what nothing else is said of gets 2 s to connect, 5 s for an answer, and three attempts", async () => {
  class Made {
    constructor(readonly config: object) {}
  }
  expect(awsClient(Made, { region: "eu-central-1" }).config).toEqual({
    region: "eu-central-1",
    maxAttempts: 3,
    requestHandler: {
      connectionTimeout: 2_000,
      requestTimeout: 5_000,
      socketTimeout: 5_000,
      throwOnRequestTimeout: true,
    },
  });
});
