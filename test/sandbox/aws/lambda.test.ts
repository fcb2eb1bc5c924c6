import { expect, test } from "vitest";
import { lambda } from "../../../sandbox/aws/plugin/rows/lambda";
import type { Aws } from "../../../sandbox/aws/plugin/session";
import { ARCHIVE, ASSET, type Props, SIGNATURE } from "../../../sandbox/plugin/values";

const FUNCTION = lambda["aws:lambda/function:Function"];

/** An archive of one text, as the engine sends it. */
function codeOf(text: string): Props {
  const asset = { [SIGNATURE]: ASSET, hash: text, text };
  return { [SIGNATURE]: ARCHIVE, hash: text, assets: { "index.js": asset } };
}

/** A function as the state has it, with what the service filled in by itself. */
const STATE = {
  role: "arn:aws:iam::123456789012:role/abort",
  handler: "index.handler",
  runtime: "nodejs24.x",
  description: "",
  environment: null,
  memorySize: 128,
  timeout: 3,
  layers: [],
  deadLetterConfig: { targetArn: "arn:aws:sqs:us-east-1:123456789012:letters" },
  ephemeralStorage: { size: 512 },
  tracingConfig: { mode: "PassThrough" },
  loggingConfig: { logFormat: "Text", logGroup: "/aws/lambda/abort" },
  vpcConfig: null,
  code: codeOf("1"),
  reservedConcurrentExecutions: 5,
};
const INPUTS = {
  role: STATE.role,
  handler: STATE.handler,
  runtime: STATE.runtime,
  memorySize: 128,
  timeout: 3,
  deadLetterConfig: STATE.deadLetterConfig,
  code: codeOf("1"),
  reservedConcurrentExecutions: 5,
};

/** What is asked of the service for an update, in its order. */
async function updated(change: Props): Promise<string[]> {
  const calls: string[] = [];
  const client = new Proxy(
    {},
    {
      // What is returned from an async function is asked whether it is a promise.
      get: (_, name: string) =>
        name === "then"
          ? undefined
          : async () => {
              if (!name.startsWith("get")) calls.push(name);
              return { State: "Active", LastUpdateStatus: "Successful" };
            },
    },
  );
  const aws = { lambda: async () => client } as unknown as Aws;
  await FUNCTION.update?.(aws, "abort", { ...INPUTS, ...change } as never, STATE as never);
  return calls;
}

// Each change has the function updating for seconds, in which it takes no other.
test.each<[string, Props, string[]]>([
  ["code alone is an upload alone", { code: codeOf("2") }, ["updateFunctionCode"]],
  ["a setting is no upload", { memorySize: 256 }, ["updateFunctionConfiguration"]],
  ["a setting that is no longer given", { deadLetterConfig: undefined }, ["updateFunctionConfiguration"]],
  ["both", { timeout: 9, code: codeOf("2") }, ["updateFunctionConfiguration", "updateFunctionCode"]],
  ["concurrency alone", { reservedConcurrentExecutions: 6 }, ["putFunctionConcurrency"]],
  ["nothing", {}, []],
])("a function's update: %s", async (_, change, calls) => {
  expect(await updated(change)).toEqual(calls);
});
