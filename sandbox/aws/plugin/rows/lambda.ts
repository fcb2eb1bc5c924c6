import type { Architecture, FunctionConfiguration } from "@aws-sdk/client-lambda";
import * as z from "zod";
import { diffProps, isEmpty } from "../../../plugin/diff";
import { archive, set, type Values } from "../../../plugin/spec";
import type { Props } from "../../../plugin/values";
import { fromApi, toApi } from "../api";
import { description, row, tagged } from "../row";
import type { Aws } from "../session";
import { zipOf } from "../zip";
import { EventInvokeConfig, EventSourceMapping, functions, Permission } from "./lambda-access";

/** What the service takes as a function's configuration; an update of it uploads nothing. */
const settings = {
  role: z.string(),
  handler: z.string().optional(),
  runtime: z.string().optional(),
  description: description(),
  environment: z
    .object({ variables: z.record(z.string(), z.string()).optional().meta({ clear: {} }) })
    .optional()
    .meta({ clear: {}, told: true }),
  memorySize: z.number().default(128),
  timeout: z.number().default(3),
  layers: z.array(z.string()).optional().meta({ clear: [] }),
  deadLetterConfig: z.object({ targetArn: z.string() }).optional().meta({ told: true }),
  ephemeralStorage: z.object({ size: z.number().optional() }).optional().meta({ computed: true }),
  kmsKeyArn: z.string().optional().meta({ api: "KMSKeyArn" }),
  loggingConfig: z
    .object({
      logFormat: z.string(),
      logGroup: z.string().optional(),
      applicationLogLevel: z.string().optional(),
      systemLogLevel: z.string().optional(),
    })
    .optional()
    .meta({ computed: true }),
  tracingConfig: z.object({ mode: z.string() }).optional().meta({ computed: true }),
  vpcConfig: z
    .object({ subnetIds: set(z.string()), securityGroupIds: set(z.string()) })
    .optional()
    .meta({ told: true }),
};

const inputs = {
  ...tagged,
  ...settings,
  name: z.string().meta({ named: 64, replaces: true }),
  code: archive().optional(),
  packageType: z.enum(["Zip"]).default("Zip").meta({ replaces: true }),
  architectures: z.array(z.string()).optional().meta({ computed: true }),
  publish: z.boolean().default(false),
  reservedConcurrentExecutions: z.number().default(-1),
  sourceCodeHash: z.string().optional().meta({ computed: true }),
  skipDestroy: z.boolean().default(false),
};

type Given = Values<typeof inputs>;

const configuration = (given: Props) => toApi(settings, given, true);

/** What is absent in the answer means the same as what is omitted in the program. */
function described(found: FunctionConfiguration, known: Partial<Given>) {
  const fields = fromApi(settings, { ...found });
  const { loggingConfig: given } = known;
  const none = (key: string) => (isEmpty(fields[key]) ? null : fields[key]);
  return {
    ...fields,
    ...{ environment: none("environment"), deadLetterConfig: none("deadLetterConfig") },
    vpcConfig: (found.VpcConfig?.SubnetIds ?? []).length > 0 ? fields.vpcConfig : null,
    name: found.FunctionName,
    packageType: found.PackageType,
    architectures: found.Architectures,
    layers: (found.Layers ?? []).map(({ Arn }) => Arn),
    loggingConfig: given &&
      found.LoggingConfig && {
        ...given,
        logFormat: found.LoggingConfig.LogFormat,
        logGroup: given.logGroup && found.LoggingConfig.LogGroup,
      },
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
    ...["responseStreamingInvokeArn", "signingJobArn", "signingProfileVersionArn"],
    ...["sourceCodeSize", "version"],
  ],
  volatile: ["codeSha256", "lastModified", "qualifiedArn", "qualifiedInvokeArn", "sourceCodeSize", "version"],
  tagging: functions.tagging(),
  async create(aws, given) {
    if (!given.code)
      throw new Error("'code' is required: the sandbox's plugin runs functions from archives only");
    await (await aws.lambda()).createFunction({
      ...(configuration({ ...given }) as { Role: string }),
      FunctionName: given.name,
      PackageType: given.packageType,
      Architectures: given.architectures as Architecture[] | undefined,
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
    const [now, before] = [configuration(news), configuration(olds)];
    // An upload alone is one change: each has the function updating for a while, in which it takes no other.
    if (diffProps(settings, olds, news).size > 0) {
      // What is no longer given must be said to be nothing, or it stays.
      const none = {
        DeadLetterConfig: { TargetArn: "" },
        VpcConfig: { SubnetIds: [], SecurityGroupIds: [] },
      };
      const cleared = Object.entries(none).filter(([key]) => before[key]);
      await lambda.updateFunctionConfiguration({ ...Object.fromEntries(cleared), ...now, FunctionName: id });
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
        Architectures: news.architectures as Architecture[] | undefined,
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
  "aws:lambda/eventSourceMapping:EventSourceMapping": EventSourceMapping,
  "aws:lambda/function:Function": Func,
  "aws:lambda/permission:Permission": Permission,
  "aws:lambda/functionEventInvokeConfig:FunctionEventInvokeConfig": EventInvokeConfig,
};
