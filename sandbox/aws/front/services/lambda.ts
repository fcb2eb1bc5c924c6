import { type Answer, answer } from "../answer";
import { bodyOf, type Call, header, type Input, type Scope } from "../call";
import { listOf, numberOf, type Rule, type Service, textOf, type World } from "../rule";
import { type Upstream, UpstreamError } from "../upstream";
import { EVENT_SOURCES } from "./eventSources";
import { mayAssume, notAllowed } from "./roles";

const CONCURRENCY = 1_000;
/** What AWS keeps for the functions that have nothing reserved. */
const UNRESERVED = 100;

/** The model allows for a whole ARN. */
const LONGEST_NAME = 64;

/** Bytes of an Invoke's payload, by whether its caller waits for the answer. Source: the reference of Invoke. */
const LARGEST = { RequestResponse: 6_291_456, Event: 1_048_576 } as const;

/** Bytes of all of a function's environment, names and values as JSON. Source: Lambda's quotas. */
const LARGEST_ENVIRONMENT = 4_096;
/** Names that the runtime sets. Source: Lambda's guide, "Defined runtime environment variables". */
const RESERVED = [
  ...["_HANDLER", "_X_AMZN_TRACE_ID", "AWS_DEFAULT_REGION", "AWS_REGION", "AWS_EXECUTION_ENV"],
  ...["AWS_LAMBDA_FUNCTION_NAME", "AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "AWS_LAMBDA_FUNCTION_VERSION"],
  ...["AWS_LAMBDA_INITIALIZATION_TYPE", "AWS_LAMBDA_LOG_GROUP_NAME", "AWS_LAMBDA_LOG_STREAM_NAME"],
  ...["AWS_ACCESS_KEY", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"],
  ...["AWS_LAMBDA_RUNTIME_API", "LAMBDA_TASK_ROOT", "LAMBDA_RUNTIME_DIR"],
];

const CONFIGURES = ["CreateFunction", "UpdateFunctionConfiguration"];

const variablesOf = ({ Environment }: Input): Input =>
  (Environment as { Variables?: Input } | undefined)?.Variables ?? {};

const RULES: readonly Rule[] = [
  {
    id: "lambda-name",
    refuses: `function names of more than ${LONGEST_NAME} characters`,
    code: "ValidationException",
    operations: ["CreateFunction"],
    when: ({ FunctionName }) =>
      (textOf(FunctionName)?.split(":").at(-1) ?? "").length > LONGEST_NAME
        ? `1 validation error detected: Value '${FunctionName}' at 'functionName' failed to satisfy constraint: Member must have length less than or equal to ${LONGEST_NAME}`
        : undefined,
  },
  {
    id: "lambda-role",
    source: "https://docs.aws.amazon.com/lambda/latest/dg/lambda-intro-execution-role.html",
    refuses: "a role that Lambda may not assume",
    code: "InvalidParameterValueException",
    operations: CONFIGURES,
    when: async ({ Role }, { scope }, { upstream }) => {
      const role = textOf(Role);
      return role === undefined || (await mayAssume(role, "lambda.amazonaws.com", scope, upstream))
        ? undefined
        : "The role defined for the function cannot be assumed by Lambda.";
    },
  },
  {
    id: "lambda-network",
    source: "https://docs.aws.amazon.com/lambda/latest/dg/configuration-vpc.html",
    refuses: "a function in a VPC whose role may not call ec2:CreateNetworkInterface",
    code: "InvalidParameterValueException",
    operations: CONFIGURES,
    when: async ({ FunctionName, Role, VpcConfig }, { scope }, { upstream }) => {
      const { SubnetIds } = (VpcConfig ?? {}) as { SubnetIds?: readonly string[] };
      if (listOf(SubnetIds).length === 0) return undefined;
      const found =
        Role ??
        (await upstream.get("lambda", `/2015-03-31/functions/${FunctionName}/configuration`, scope)).Role;
      const missing = await notAllowed(String(found), ["ec2:CreateNetworkInterface"], scope, upstream);
      return missing === undefined
        ? undefined
        : "The provided execution role does not have permissions to call CreateNetworkInterface on EC2";
    },
  },
  {
    id: "lambda-environment",
    source: "https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html",
    refuses: `more than ${LARGEST_ENVIRONMENT / 1_024} KB of environment variables`,
    code: "InvalidParameterValueException",
    operations: CONFIGURES,
    when: (input) =>
      Buffer.byteLength(JSON.stringify(variablesOf(input))) > LARGEST_ENVIRONMENT
        ? "Lambda was unable to configure your environment variables because the environment variables you have provided exceeded the 4KB limit."
        : undefined,
  },
  {
    id: "lambda-reserved",
    source: "https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html",
    refuses: "environment variables of names that the runtime sets by itself, such as AWS_REGION",
    code: "InvalidParameterValueException",
    operations: CONFIGURES,
    when: (input) => {
      const used = Object.keys(variablesOf(input)).filter((name) => RESERVED.includes(name));
      return used.length > 0
        ? `Lambda was unable to configure your environment variables because the environment variables you have provided contains reserved keys that are currently not supported for modification. Reserved keys used in this request: ${used.join(", ")}`
        : undefined;
    },
  },
  {
    id: "lambda-payload",
    source: "https://docs.aws.amazon.com/lambda/latest/api/API_Invoke.html",
    refuses: "a payload of more than 6 MB, and of more than 1 MB where nobody waits for the answer",
    code: "RequestTooLargeException",
    status: 413,
    operations: ["Invoke"],
    when: (_input, { raw }) => {
      const type = header(raw, "x-amz-invocation-type") === "Event" ? "Event" : "RequestResponse";
      return bodyOf(raw).byteLength > LARGEST[type]
        ? `Request must be smaller than ${LARGEST[type]} bytes for the InvokeFunction operation`
        : undefined;
    },
  },
  {
    id: "lambda-concurrency",
    source: "https://docs.aws.amazon.com/lambda/latest/dg/configuration-concurrency.html",
    refuses: `reservations that leave less than ${UNRESERVED} of ${CONCURRENCY} concurrent executions unreserved`,
    code: "InvalidParameterValueException",
    operations: ["PutFunctionConcurrency"],
    when: async (input, { scope }, { upstream }) => {
      const asked = numberOf(input.ReservedConcurrentExecutions) ?? 0;
      const others = await reservedByOthers(input, scope, upstream);
      return asked + others > CONCURRENCY - UNRESERVED
        ? `Specified ReservedConcurrentExecutions for function decreases account's UnreservedConcurrentExecution below its minimum value of [${UNRESERVED}].`
        : undefined;
    },
  },
];

async function reservedByOthers({ FunctionName }: Input, scope: Scope, upstream: Upstream): Promise<number> {
  const { Functions } = await upstream.get("lambda", "/2015-03-31/functions/?MaxItems=10000", scope);
  const others = listOf(Functions).flatMap(({ FunctionName: name }) => (name === FunctionName ? [] : [name]));
  const reserved = others.map(async (name) => {
    const path = `/2019-09-30/functions/${name}/concurrency`;
    // One that was deleted meanwhile reserves nothing.
    const told = await upstream.get("lambda", path, scope).catch(absent);
    return numberOf(told.ReservedConcurrentExecutions) ?? 0;
  });
  return (await Promise.all(reserved)).reduce((so, each) => so + each, 0);
}

function absent(error: unknown): Input {
  if (error instanceof UpstreamError && error.status === 404) return {};
  throw error;
}

/** The emulator goes by this machine's memory; the limit that refuses reservations is the one that is told. */
async function accountSettings(call: Call, { upstream }: World): Promise<Answer> {
  const [told, reserved] = await Promise.all([
    upstream.get("lambda", "/2016-08-19/account-settings", call.scope),
    reservedByOthers({}, call.scope, upstream),
  ]);
  return answer(call, {
    ...told,
    AccountLimit: {
      ...(told.AccountLimit as Input | undefined),
      ConcurrentExecutions: CONCURRENCY,
      UnreservedConcurrentExecutions: CONCURRENCY - reserved,
    },
  });
}

/** Lambda. */
export const lambda = (): Service => ({
  name: "lambda",
  reference: "https://docs.aws.amazon.com/lambda/latest/api/API_",
  routes: [
    { operation: "CreateEventSourceMapping", method: "POST", path: "/2015-03-31/event-source-mappings" },
    { operation: "GetAccountSettings", method: "GET", path: "/2016-08-19/account-settings" },
    { operation: "CreateFunction", method: "POST", path: "/2015-03-31/functions" },
    {
      operation: "UpdateFunctionConfiguration",
      method: "PUT",
      path: "/2015-03-31/functions/{FunctionName}/configuration",
    },
    { operation: "Invoke", method: "POST", path: "/2015-03-31/functions/{FunctionName}/invocations" },
    {
      operation: "PutFunctionConcurrency",
      method: "PUT",
      path: "/2017-10-31/functions/{FunctionName}/concurrency",
    },
  ],
  rules: [...RULES, ...EVENT_SOURCES],
  answers: { GetAccountSettings: accountSettings },
  mends: {
    GetAccountSettings: "concurrency is AWS's 1,000 less what is reserved, whatever memory this machine has",
  },
});
