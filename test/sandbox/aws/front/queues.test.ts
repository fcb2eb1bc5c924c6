import { expect, test } from "vitest";
import { story } from "./story";

const QUEUE = "ops-view-stageB-abort-dlq";
const ON_QUEUE = {
  Namespace: "AWS/SQS",
  MetricName: "ApproximateNumberOfMessagesVisible",
  Dimensions: [{ Name: "QueueName", Value: QUEUE }],
  Statistic: "Maximum" as const,
  Period: 60,
  TreatMissingData: "notBreaching",
};

/** What SQS says of a queue. */
async function queueOf(messages?: number) {
  const told = await story();
  const { says } = told.front;
  const holds = (count: number) => {
    says.GetQueueUrl = { QueueUrl: `http://front/000000000000/${QUEUE}` };
    says.GetQueueAttributes = { Attributes: { ApproximateNumberOfMessages: String(count) } };
  };
  if (messages !== undefined) holds(messages);
  return { ...told, holds };
}

test("an alarm on a dead-letter queue rings when a message lies in it, and rests once it is empty", async () => {
  const { alarm, pass, states, holds } = await queueOf(0);
  await alarm(ON_QUEUE);
  await pass(60);
  expect(states()).toEqual(["OK"]);
  holds(2);
  await pass(120);
  expect(states()).toEqual(["OK", "ALARM"]);
  holds(0);
  await pass(300);
  expect(states()).toEqual(["OK", "ALARM", "OK"]);
});

test("it asks for that very queue, and no more often than once a second", async () => {
  const { alarm, put, front } = await queueOf(0);
  await alarm(ON_QUEUE);
  for (let time = 0; time < 5; time++) await put(0);
  const asked = front.asked.filter(({ what }) => what === "GetQueueUrl");
  expect(asked.map(({ input }) => input)).toEqual([{ QueueName: QUEUE }]);
  expect(front.asked.some(({ what }) => what === "GetMetricStatistics")).toBe(false);
});

test("a queue that is not there publishes nothing", async () => {
  const { alarm, pass, states } = await queueOf();
  await alarm({ ...ON_QUEUE, TreatMissingData: "missing" });
  await pass(180);
  expect(states()).toEqual([]);
});

test.each([
  ["another metric", { MetricName: "NumberOfMessagesSent" }],
  ["all queues", { Dimensions: [] }],
])("%s is the emulator's to tell", async (_, over) => {
  const { alarm, front } = await queueOf(3);
  await alarm({ ...ON_QUEUE, ...over });
  expect(front.asked.some(({ what }) => what === "GetMetricStatistics")).toBe(true);
  expect(front.asked.some(({ what }) => what === "GetQueueUrl")).toBe(false);
});
