import type {
  Architecture,
  FunctionConfiguration,
  LogFormat,
  Runtime,
  TracingMode,
} from "@aws-sdk/client-lambda";
import { z } from "zod";
import { archive, set, type Values, word } from "../../../plugin/spec";
import { type AwsTagging, row, tagged } from "../row";
import type { Aws } from "../session";
import { zipOf } from "../zip";
import { EventInvokeConfig, Permission } from "./lambda-access";

const tagging: AwsTagging = {
  by: "arn",
  list: async (aws, arn) => (await (await aws.lambda()).listTags({ Resource: arn })).Tags ?? {},
  tag: async (aws, arn, tags) => (await aws.lambda()).tagResource({ Resource: arn, Tags: tags }),
  untag: async (aws, arn, keys) => (await aws.lambda()).untagResource({ Resource: arn, TagKeys: keys }),
};

const inputs = {
  ...tagged,
  name: z.string().meta({ named: 64, replaces: true }),
  role: z.string(),
  code: archive().optional(),
  handler: z.string().optional(),
  runtime: word<Runtime>().optional(),
  packageType: z.enum(["Zip"]).default("Zip").meta({ replaces: true }),
  description: z.string().optional(),
  architectures: z.array(word<Architecture>()).optional().meta({ computed: true }),
  environment: z.object({ variables: z.record(z.string(), z.string()).optional() }).optional(),
  memorySize: z.number().default(128),
  timeout: z.number().default(3),
  layers: z.array(z.string()).optional(),
  publish: z.boolean().default(false),
  reservedConcurrentExecutions: z.number().default(-1),
  deadLetterConfig: z.object({ targetArn: z.string() }).optional(),
  ephemeralStorage: z.object({ size: z.number().optional() }).optional().meta({ computed: true }),
  kmsKeyArn: z.string().optional(),
  loggingConfig: z
    .object({
      logFormat: word<LogFormat>(),
      logGroup: z.string().optional(),
      applicationLogLevel: z.string().optional(),
      systemLogLevel: z.string().optional(),
    })
    .optional()
    .meta({ computed: true }),
  tracingConfig: z.object({ mode: word<TracingMode>() }).optional().meta({ computed: true }),
  vpcConfig: z.object({ subnetIds: set(z.string()), securityGroupIds: set(z.string()) }).optional(),
  sourceCodeHash: z.string().optional().meta({ computed: true }),
  skipDestroy: z.boolean().default(false),
};

type Given = Values<typeof inputs>;

function configuration(given: Given) {
  const { deadLetterConfig: letters, ephemeralStorage: disk, loggingConfig: logging, vpcConfig: vpc } = given;
  return {
    Role: given.role,
    Handler: given.handler,
    Runtime: given.runtime,
    Description: given.description ?? "",
    Environment: { Variables: given.environment?.variables ?? {} },
    MemorySize: given.memorySize,
    Timeout: given.timeout,
    Layers: given.layers ?? [],
    DeadLetterConfig: letters && { TargetArn: letters.targetArn },
    EphemeralStorage: disk && { Size: disk.size },
    KMSKeyArn: given.kmsKeyArn,
    LoggingConfig: logging && {
      LogFormat: logging.logFormat,
      LogGroup: logging.logGroup,
      ApplicationLogLevel: logging.applicationLogLevel as undefined,
      SystemLogLevel: logging.systemLogLevel as undefined,
    },
    TracingConfig: given.tracingConfig && { Mode: given.tracingConfig.mode },
    VpcConfig: vpc && { SubnetIds: vpc.subnetIds, SecurityGroupIds: vpc.securityGroupIds },
  };
}

/** What is absent in the answer means the same as what is omitted in the program. */
function described(found: FunctionConfiguration, known: Partial<Given>) {
  const { DeadLetterConfig: letters, VpcConfig: vpc, LoggingConfig: logging } = found;
  const variables = found.Environment?.Variables;
  return {
    name: found.FunctionName,
    role: found.Role,
    handler: found.Handler,
    runtime: found.Runtime,
    packageType: found.PackageType,
    description: found.Description ?? null,
    architectures: found.Architectures,
    environment: variables && Object.keys(variables).length > 0 ? { variables } : null,
    memorySize: found.MemorySize,
    timeout: found.Timeout,
    layers: (found.Layers ?? []).map(({ Arn }) => Arn),
    deadLetterConfig: letters?.TargetArn ? { targetArn: letters.TargetArn } : null,
    ephemeralStorage: found.EphemeralStorage && { size: found.EphemeralStorage.Size },
    kmsKeyArn: found.KMSKeyArn,
    loggingConfig:
      known.loggingConfig && logging
        ? {
            ...known.loggingConfig,
            logFormat: logging.LogFormat,
            logGroup: known.loggingConfig.logGroup && logging.LogGroup,
          }
        : undefined,
    tracingConfig: found.TracingConfig && { mode: found.TracingConfig.Mode },
    vpcConfig:
      (vpc?.SubnetIds ?? []).length > 0
        ? { subnetIds: vpc?.SubnetIds, securityGroupIds: vpc?.SecurityGroupIds }
        : null,
    // Where the program gives a hash of its own, it is only a reason to upload.
    sourceCodeHash: known.sourceCodeHash ?? found.CodeSha256,
  };
}

/** The service refuses to touch a function while it works on the last change: up to two minutes. */
async function settled(aws: Aws, FunctionName: string): Promise<void> {
  for (let left = 1_200; ; left--) {
    const found = await (await aws.lambda()).getFunctionConfiguration({ FunctionName });
    const { State = "Active", LastUpdateStatus = "Successful", LastUpdateStatusReason } = found;
    if (State === "Active" && LastUpdateStatus === "Successful") return;
    if (State === "Failed" || LastUpdateStatus === "Failed" || left === 0) {
      throw new Error(`it is ${State}, its last update ${LastUpdateStatus}: ${LastUpdateStatusReason ?? ""}`);
    }
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

async function reserve(aws: Aws, FunctionName: string, executions: number): Promise<void> {
  const lambda = await aws.lambda();
  if (executions < 0) await lambda.deleteFunctionConcurrency({ FunctionName });
  else await lambda.putFunctionConcurrency({ FunctionName, ReservedConcurrentExecutions: executions });
}

const Func = row({
  inputs,
  outputs: [
    ...["arn", "codeSha256", "invokeArn", "lastModified", "qualifiedArn", "qualifiedInvokeArn"],
    ...[
      "responseStreamingInvokeArn",
      "signingJobArn",
      "signingProfileVersionArn",
      "sourceCodeSize",
      "version",
    ],
  ],
  volatile: ["codeSha256", "lastModified", "qualifiedArn", "qualifiedInvokeArn", "sourceCodeSize", "version"],
  tagging,
  async create(aws, given) {
    if (!given.code)
      throw new Error("'code' is required: the sandbox's plugin runs functions from archives only");
    await (await aws.lambda()).createFunction({
      ...configuration(given),
      FunctionName: given.name,
      PackageType: given.packageType,
      Architectures: given.architectures,
      Code: { ZipFile: await zipOf(given.code) },
      Publish: given.publish,
      Tags: given.tagsAll,
    });
    return given.name;
  },
  async settle(aws, id, { reservedConcurrentExecutions: reserved }) {
    await settled(aws, id);
    if (reserved >= 0) await reserve(aws, id, reserved);
  },
  async read(aws, id, known) {
    const lambda = await aws.lambda();
    const { Configuration: found = {}, Concurrency } = await lambda.getFunction({ FunctionName: id });
    const arn = found.FunctionArn ?? "";
    const version = known.publish ? await latest(aws, id) : "$LATEST";
    const invoke = (of: string, api = "2015-03-31", call = "invocations") =>
      `arn:aws:apigateway:${aws.region}:lambda:path/${api}/functions/${of}/${call}`;
    return {
      ...described(found, known),
      reservedConcurrentExecutions: Concurrency?.ReservedConcurrentExecutions ?? -1,
      arn,
      codeSha256: found.CodeSha256,
      invokeArn: invoke(arn),
      lastModified: found.LastModified,
      qualifiedArn: `${arn}:${version}`,
      qualifiedInvokeArn: invoke(`${arn}:${version}`),
      responseStreamingInvokeArn: invoke(arn, "2021-11-15", "response-streaming-invocations"),
      signingJobArn: found.SigningJobArn ?? "",
      signingProfileVersionArn: found.SigningProfileVersionArn ?? "",
      sourceCodeSize: found.CodeSize,
      version,
    };
  },
  async update(aws, id, news, olds) {
    const lambda = await aws.lambda();
    const [now, before] = [configuration(news), configuration(olds as Given)];
    if (JSON.stringify(now) !== JSON.stringify(before)) {
      // What is no longer given must be said to be nothing, or it stays.
      const none = {
        DeadLetterConfig: { TargetArn: "" },
        VpcConfig: { SubnetIds: [], SecurityGroupIds: [] },
      };
      const cleared = Object.entries(none).filter(([key]) => before[key as keyof typeof none]);
      const given = Object.entries(now).filter(([, value]) => value !== undefined);
      await lambda.updateFunctionConfiguration({
        FunctionName: id,
        ...Object.fromEntries(cleared),
        ...Object.fromEntries(given),
      });
      await settled(aws, id);
    }
    const uploads =
      news.code?.hash !== olds.code?.hash ||
      (news.sourceCodeHash !== undefined && news.sourceCodeHash !== olds.sourceCodeHash) ||
      (news.architectures !== undefined && String(news.architectures) !== String(olds.architectures));
    if (uploads && news.code) {
      await lambda.updateFunctionCode({
        FunctionName: id,
        ZipFile: await zipOf(news.code),
        Architectures: news.architectures,
        Publish: news.publish,
      });
      await settled(aws, id);
    }
    if (news.reservedConcurrentExecutions !== olds.reservedConcurrentExecutions) {
      await reserve(aws, id, news.reservedConcurrentExecutions);
    }
  },
  delete: async (aws, id, { skipDestroy }) =>
    skipDestroy ? undefined : (await aws.lambda()).deleteFunction({ FunctionName: id }),
});

async function latest(aws: Aws, FunctionName: string): Promise<string> {
  const { Versions = [] } = await (await aws.lambda()).listVersionsByFunction({ FunctionName });
  const numbers = Versions.map(({ Version }) => Number(Version)).filter(Number.isFinite);
  return numbers.length > 0 ? String(Math.max(...numbers)) : "$LATEST";
}

export const lambda = {
  "aws:lambda/function:Function": Func,
  "aws:lambda/permission:Permission": Permission,
  "aws:lambda/functionEventInvokeConfig:FunctionEventInvokeConfig": EventInvokeConfig,
};
