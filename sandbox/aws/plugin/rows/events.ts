import type { RuleState } from "@aws-sdk/client-eventbridge";
import { z } from "zod";
import { json, type Values, word } from "../../../plugin/spec";
import { type AwsTagging, fromPairs, pairs, regional, row, tagged } from "../row";
import type { Aws } from "../session";

const tagging: AwsTagging = {
  by: "arn",
  list: async (aws, arn) =>
    fromPairs((await (await aws.events()).listTagsForResource({ ResourceARN: arn })).Tags),
  tag: async (aws, arn, tags) => (await aws.events()).tagResource({ ResourceARN: arn, Tags: pairs(tags) }),
  untag: async (aws, arn, keys) => (await aws.events()).untagResource({ ResourceARN: arn, TagKeys: keys }),
};

const ruleInputs = {
  ...tagged,
  name: z.string().meta({ named: 64, replaces: true }),
  eventBusName: z.string().default("default").meta({ replaces: true }),
  description: z.string().optional(),
  eventPattern: json().optional(),
  scheduleExpression: z.string().optional(),
  roleArn: z.string().optional(),
  state: word<RuleState>().default("ENABLED"),
  forceDestroy: z.boolean().default(false),
};

const put = async (aws: Aws, rule: Values<typeof ruleInputs>, tags?: Record<string, string>) =>
  (await aws.events()).putRule({
    Name: rule.name,
    EventBusName: rule.eventBusName,
    Description: rule.description,
    EventPattern: rule.eventPattern,
    ScheduleExpression: rule.scheduleExpression,
    RoleArn: rule.roleArn,
    State: rule.state,
    Tags: tags && pairs(tags),
  });

/** A rule of the default bus goes by its name alone. */
const ruleId = (bus: string, name: string) => (bus === "default" ? name : `${bus}/${name}`);
function locateRule(id: string): { EventBusName: string; Name: string } {
  const at = id.lastIndexOf("/");
  return { EventBusName: at < 0 ? "default" : id.slice(0, at), Name: id.slice(at + 1) };
}

const Rule = row({
  inputs: ruleInputs,
  outputs: ["arn"],
  tagging,
  async create(aws, rule) {
    await put(aws, rule, rule.tagsAll);
    return ruleId(rule.eventBusName, rule.name);
  },
  async read(aws, id) {
    const found = await (await aws.events()).describeRule(locateRule(id));
    return {
      name: found.Name,
      eventBusName: found.EventBusName ?? "default",
      description: found.Description ?? null,
      eventPattern: found.EventPattern ?? null,
      scheduleExpression: found.ScheduleExpression ?? null,
      roleArn: found.RoleArn ?? null,
      state: found.State,
      arn: found.Arn,
    };
  },
  update: (aws, _id, rule) => put(aws, rule),
  async delete(aws, id, { forceDestroy }) {
    await (await aws.events()).deleteRule({ ...locateRule(id), ...(forceDestroy ? { Force: true } : {}) });
  },
});

const targetInputs = {
  ...regional,
  rule: z.string().meta({ replaces: true }),
  eventBusName: z.string().default("default").meta({ replaces: true }),
  targetId: z.string().meta({ named: 64, replaces: true }),
  arn: z.string(),
  input: z.string().optional(),
  inputPath: z.string().optional(),
  inputTransformer: z
    .object({ inputPaths: z.record(z.string(), z.string()).optional(), inputTemplate: z.string() })
    .optional(),
  roleArn: z.string().optional(),
  deadLetterConfig: z.object({ arn: z.string().optional() }).optional(),
  retryPolicy: z
    .object({ maximumEventAgeInSeconds: z.number().optional(), maximumRetryAttempts: z.number().optional() })
    .optional(),
  forceDestroy: z.boolean().default(false),
};

async function putTarget(aws: Aws, target: Values<typeof targetInputs>): Promise<void> {
  const { inputTransformer: transformer, retryPolicy: retry, deadLetterConfig } = target;
  const { FailedEntries = [] } = await (await aws.events()).putTargets({
    Rule: target.rule,
    EventBusName: target.eventBusName,
    Targets: [
      {
        Id: target.targetId,
        Arn: target.arn,
        Input: target.input,
        InputPath: target.inputPath,
        InputTransformer: transformer && {
          InputPathsMap: transformer.inputPaths,
          InputTemplate: transformer.inputTemplate,
        },
        RoleArn: target.roleArn,
        DeadLetterConfig: deadLetterConfig && { Arn: deadLetterConfig.arn },
        RetryPolicy: retry && {
          MaximumEventAgeInSeconds: retry.maximumEventAgeInSeconds,
          MaximumRetryAttempts: retry.maximumRetryAttempts,
        },
      },
    ],
  });
  const [failed] = FailedEntries;
  if (failed) throw new Error(`PutTargets answered ${failed.ErrorCode}: ${failed.ErrorMessage}`);
}

/** In state its inputs tell where it is; an import must give RULE/TARGET or BUS/RULE/TARGET. */
function locateTarget(id: string, known: Partial<Values<typeof targetInputs>>) {
  const { rule, eventBusName = "default", targetId } = known;
  if (rule !== undefined && targetId !== undefined) return { rule, eventBusName, targetId };
  const [target, ofRule, ...bus] = id.split("/").reverse();
  if (target && ofRule)
    return { rule: ofRule, eventBusName: bus.reverse().join("/") || "default", targetId: target };
  throw new Error(`to import an event target, give RULE/TARGET or BUS/RULE/TARGET, not ${id}`);
}

const Target = row({
  inputs: targetInputs,
  outputs: [],
  async create(aws, target) {
    await putTarget(aws, target);
    return `${ruleId(target.eventBusName, target.rule)}-${target.targetId}`;
  },
  async read(aws, id, known) {
    const at = locateTarget(id, known);
    const events = await aws.events();
    const { Targets = [] } = await events.listTargetsByRule({ Rule: at.rule, EventBusName: at.eventBusName });
    const found = Targets.find(({ Id }) => Id === at.targetId);
    if (!found) return undefined;
    const { InputTransformer: transformer, RetryPolicy: retry } = found;
    return {
      ...at,
      id: `${ruleId(at.eventBusName, at.rule)}-${at.targetId}`,
      arn: found.Arn,
      input: found.Input ?? null,
      inputPath: found.InputPath ?? null,
      inputTransformer: transformer && {
        ...(transformer.InputPathsMap ? { inputPaths: transformer.InputPathsMap } : {}),
        inputTemplate: transformer.InputTemplate,
      },
      roleArn: found.RoleArn ?? null,
      deadLetterConfig: found.DeadLetterConfig && { arn: found.DeadLetterConfig.Arn },
      retryPolicy: retry && {
        ...(retry.MaximumEventAgeInSeconds === undefined
          ? {}
          : { maximumEventAgeInSeconds: retry.MaximumEventAgeInSeconds }),
        ...(retry.MaximumRetryAttempts === undefined
          ? {}
          : { maximumRetryAttempts: retry.MaximumRetryAttempts }),
      },
    };
  },
  update: (aws, _id, target) => putTarget(aws, target),
  async delete(aws, id, state) {
    const { rule, eventBusName, targetId } = locateTarget(id, state);
    const Force = state.forceDestroy ? { Force: true } : {};
    await (await aws.events()).removeTargets({
      Rule: rule,
      EventBusName: eventBusName,
      Ids: [targetId],
      ...Force,
    });
  },
});

export const events = {
  "aws:cloudwatch/eventRule:EventRule": Rule,
  "aws:cloudwatch/eventTarget:EventTarget": Target,
};
