import { type Answer, answer } from "../answer";
import type { Call, Input, Scope } from "../call";
import { listOf, numberOf, type Rule, type Service, textOf, type World } from "../rule";
import { type Upstream, UpstreamError } from "../upstream";
import { mayAssume } from "./roles";

const CONCURRENCY = 1_000;
/** What AWS keeps for the functions that have nothing reserved. */
const UNRESERVED = 100;

/** The model allows for a whole ARN. */
const LONGEST_NAME = 64;

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
    operations: ["CreateFunction", "UpdateFunctionConfiguration"],
    when: async ({ Role }, { scope }, { upstream }) => {
      const role = textOf(Role);
      return role === undefined || (await mayAssume(role, "lambda.amazonaws.com", scope, upstream))
        ? undefined
        : "The role defined for the function cannot be assumed by Lambda.";
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
    { operation: "GetAccountSettings", method: "GET", path: "/2016-08-19/account-settings" },
    { operation: "CreateFunction", method: "POST", path: "/2015-03-31/functions" },
    {
      operation: "UpdateFunctionConfiguration",
      method: "PUT",
      path: "/2015-03-31/functions/{FunctionName}/configuration",
    },
    {
      operation: "PutFunctionConcurrency",
      method: "PUT",
      path: "/2017-10-31/functions/{FunctionName}/concurrency",
    },
  ],
  rules: RULES,
  answers: { GetAccountSettings: accountSettings },
});
