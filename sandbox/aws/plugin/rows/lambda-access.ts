import type { FunctionUrlAuthType } from "@aws-sdk/client-lambda";
import { z } from "zod";
import { type Values, word } from "../../../plugin/spec";
import { regional, row } from "../row";
import type { Aws } from "../session";

interface Statement {
  readonly Sid?: string;
  readonly Action?: string | readonly string[];
  readonly Principal?: string | Readonly<Record<string, string>>;
  readonly Condition?: Readonly<Record<string, Readonly<Record<string, string>>>>;
}

/** In state its inputs tell where it is; an import must give FUNCTION/STATEMENT. */
function locate(id: string, given: string | undefined): { FunctionName: string; StatementId: string } {
  if (given !== undefined) return { FunctionName: given, StatementId: id };
  const at = id.lastIndexOf("/");
  if (at > 0) return { FunctionName: id.slice(0, at), StatementId: id.slice(at + 1) };
  throw new Error(`to import a permission, give FUNCTION/STATEMENT, not ${id}`);
}

function condition(statement: Statement, key: string): string | undefined {
  const keys = Object.values(statement.Condition ?? {}).flatMap((of) => Object.entries(of));
  return keys.find(([name]) => name.toLowerCase() === key.toLowerCase())?.[1];
}

export const Permission = row({
  inputs: {
    ...regional,
    function: z.string().meta({ replaces: true }),
    action: z.string().meta({ replaces: true }),
    principal: z.string().meta({ replaces: true }),
    statementId: z.string().meta({ named: 100, replaces: true }),
    sourceArn: z.string().optional().meta({ replaces: true }),
    sourceAccount: z.string().optional().meta({ replaces: true }),
    principalOrgId: z.string().optional().meta({ replaces: true }),
    qualifier: z.string().optional().meta({ replaces: true }),
    eventSourceToken: z.string().optional().meta({ replaces: true }),
    functionUrlAuthType: word<FunctionUrlAuthType>().optional().meta({ replaces: true }),
  },
  outputs: [],
  async create(aws, given) {
    await (await aws.lambda()).addPermission({
      FunctionName: given.function,
      StatementId: given.statementId,
      Action: given.action,
      Principal: given.principal,
      SourceArn: given.sourceArn,
      SourceAccount: given.sourceAccount,
      PrincipalOrgID: given.principalOrgId,
      Qualifier: given.qualifier,
      EventSourceToken: given.eventSourceToken,
      FunctionUrlAuthType: given.functionUrlAuthType,
    });
    return given.statementId;
  },
  async read(aws, id, known) {
    const { FunctionName, StatementId } = locate(id, known.function);
    const { Policy = "{}" } = await (await aws.lambda()).getPolicy({
      FunctionName,
      Qualifier: known.qualifier,
    });
    const { Statement = [] } = JSON.parse(Policy) as { Statement?: Statement[] };
    const found = Statement.find(({ Sid }) => Sid === StatementId);
    if (!found) return undefined;
    const { Principal: principal, Action: action } = found;
    return {
      id: StatementId,
      function: FunctionName,
      statementId: StatementId,
      action: Array.isArray(action) ? action[0] : action,
      principal: typeof principal === "object" ? Object.values(principal)[0] : principal,
      sourceArn: condition(found, "AWS:SourceArn"),
      sourceAccount: condition(found, "AWS:SourceAccount"),
      principalOrgId: condition(found, "aws:PrincipalOrgID"),
    };
  },
  delete: async (aws, id, { function: FunctionName, qualifier }) =>
    (await aws.lambda()).removePermission({ FunctionName, StatementId: id, Qualifier: qualifier }),
});

const destination = z.object({ destination: z.string() });

const invokeInputs = {
  ...regional,
  functionName: z.string().meta({ replaces: true }),
  qualifier: z.string().optional().meta({ replaces: true }),
  maximumEventAgeInSeconds: z.number().optional(),
  maximumRetryAttempts: z.number().default(2),
  destinationConfig: z.object({ onFailure: destination, onSuccess: destination }).optional(),
};

async function put(aws: Aws, given: Values<typeof invokeInputs>): Promise<void> {
  const { onFailure, onSuccess } = given.destinationConfig ?? {};
  await (await aws.lambda()).putFunctionEventInvokeConfig({
    FunctionName: given.functionName,
    Qualifier: given.qualifier,
    MaximumEventAgeInSeconds: given.maximumEventAgeInSeconds,
    MaximumRetryAttempts: given.maximumRetryAttempts,
    DestinationConfig: {
      ...(onFailure ? { OnFailure: { Destination: onFailure.destination } } : {}),
      ...(onSuccess ? { OnSuccess: { Destination: onSuccess.destination } } : {}),
    },
  });
}

/** The function, and its qualifier behind a colon where there is one; the function may be an ARN. */
function invokeKey(id: string): { FunctionName: string; Qualifier?: string } {
  const [, FunctionName = id, Qualifier] = /^(arn:(?:[^:]*:){5}[^:]+|[^:]+)(?::(.+))?$/.exec(id) ?? [];
  return Qualifier ? { FunctionName, Qualifier } : { FunctionName };
}

export const EventInvokeConfig = row({
  inputs: invokeInputs,
  outputs: [],
  async create(aws, given) {
    await put(aws, given);
    return given.qualifier ? `${given.functionName}:${given.qualifier}` : given.functionName;
  },
  async read(aws, id) {
    const key = invokeKey(id);
    const found = await (await aws.lambda()).getFunctionEventInvokeConfig(key);
    const { OnFailure: failure, OnSuccess: success } = found.DestinationConfig ?? {};
    return {
      functionName: key.FunctionName,
      qualifier: key.Qualifier,
      maximumEventAgeInSeconds: found.MaximumEventAgeInSeconds ?? null,
      maximumRetryAttempts: found.MaximumRetryAttempts,
      destinationConfig: {
        ...(failure?.Destination ? { onFailure: { destination: failure.Destination } } : {}),
        ...(success?.Destination ? { onSuccess: { destination: success.Destination } } : {}),
      },
    };
  },
  update: (aws, _id, given) => put(aws, given),
  delete: async (aws, id) => (await aws.lambda()).deleteFunctionEventInvokeConfig(invokeKey(id)),
});
