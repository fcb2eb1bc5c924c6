import * as z from "zod";
import { set } from "../../../plugin/spec";
import { service } from "../api";
import { asMap, fixed, regional } from "../row";

/** The functions' service, whose tags go by other names than most. */
export const functions = service((aws) => aws.lambda(), { key: "Resource", as: asMap, list: "listTags" });

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

export const Permission = functions.row({
  inputs: {
    ...regional,
    function: fixed().meta({ api: "FunctionName" }),
    action: fixed(),
    principal: fixed(),
    statementId: z.string().meta({ named: 100, replaces: true }),
    sourceArn: fixed().optional(),
    sourceAccount: fixed().optional(),
    principalOrgId: fixed().optional().meta({ api: "PrincipalOrgID" }),
    qualifier: fixed().optional(),
    eventSourceToken: fixed().optional(),
    functionUrlAuthType: fixed().optional(),
  },
  outputs: [],
  create: "addPermission",
  key: (StatementId) => ({ StatementId }),
  id: (_, { statementId }) => statementId,
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
  delete: "removePermission",
  deletes: ({ function: FunctionName, qualifier }) => ({ FunctionName, Qualifier: qualifier }),
});

/** The function, and its qualifier behind a colon where there is one; the function may be an ARN. */
function invokeKey(id: string): { FunctionName: string; Qualifier?: string } {
  const [, FunctionName = id, Qualifier] = /^(arn:(?:[^:]*:){5}[^:]+|[^:]+)(?::(.+))?$/.exec(id) ?? [];
  return Qualifier ? { FunctionName, Qualifier } : { FunctionName };
}

/** What a function is called with from a queue. Its id is made up by the service. */
export const EventSourceMapping = functions.row({
  inputs: {
    ...regional,
    eventSourceArn: fixed().optional(),
    functionName: z.string(),
    batchSize: z.number().optional().meta({ computed: true }),
    enabled: z.boolean().default(true),
    functionResponseTypes: set(z.string()).optional().meta({ clear: [] }),
    maximumBatchingWindowInSeconds: z.number().optional().meta({ computed: true }),
    scalingConfig: z.object({ maximumConcurrency: z.number().optional() }).optional().meta({ clear: {} }),
  },
  outputs: ["functionArn", "state", "uuid"],
  volatile: ["functionArn", "state"],
  create: "createEventSourceMapping",
  read: "getEventSourceMapping",
  update: "updateEventSourceMapping",
  delete: "deleteEventSourceMapping",
  key: (UUID) => ({ UUID }),
  id: ({ UUID }) => String(UUID),
  shows: ({ UUID, FunctionArn, State, ScalingConfig }, _id, _aws, known) => ({
    // It may be given by its name, too.
    functionName: known.functionName ?? FunctionArn,
    ...{ functionArn: FunctionArn, uuid: UUID, state: State },
    enabled: State !== "Disabled" && State !== "Disabling",
    ...(ScalingConfig ? {} : { scalingConfig: null }),
  }),
});

const destination = z.object({ destination: z.string() }).optional();

export const EventInvokeConfig = functions.row({
  inputs: {
    ...regional,
    functionName: fixed(),
    qualifier: fixed().optional(),
    maximumEventAgeInSeconds: z.number().optional().meta({ told: true }),
    maximumRetryAttempts: z.number().default(2),
    destinationConfig: z
      .object({ onFailure: destination, onSuccess: destination })
      .optional()
      .meta({ clear: {} }),
  },
  outputs: [],
  create: "putFunctionEventInvokeConfig",
  read: "getFunctionEventInvokeConfig",
  update: "putFunctionEventInvokeConfig",
  delete: "deleteFunctionEventInvokeConfig",
  key: invokeKey,
  id: (_, { functionName, qualifier }) => (qualifier ? `${functionName}:${qualifier}` : functionName),
});
