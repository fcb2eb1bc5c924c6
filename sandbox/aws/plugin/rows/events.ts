import type { Target as ApiTarget } from "@aws-sdk/client-eventbridge";
import * as z from "zod";
import { json, type Values } from "../../../plugin/spec";
import { fromApi, service, toApi } from "../api";
import { regional, row, tagged, told } from "../row";
import type { Aws } from "../session";

const bridge = service((aws) => aws.events(), { key: "ResourceARN" });

/** A rule of the default bus goes by its name alone. */
const ruleId = (bus: string, name: string) => (bus === "default" ? name : `${bus}/${name}`);
function locateRule(id: string): { EventBusName: string; Name: string } {
  const at = id.lastIndexOf("/");
  return { EventBusName: at < 0 ? "default" : id.slice(0, at), Name: id.slice(at + 1) };
}

/** Steers a delete alone. */
const forceDestroy = z.boolean().default(false).meta({ api: false });
const forced = (force: unknown) => (force ? { Force: true } : {});

const Rule = bridge.row({
  inputs: {
    ...tagged,
    name: z.string().meta({ named: 64, replaces: true }),
    eventBusName: z.string().default("default").meta({ replaces: true }),
    description: told(),
    eventPattern: json().optional().meta({ told: true }),
    scheduleExpression: told(),
    roleArn: told(),
    state: z.string().default("ENABLED"),
    forceDestroy,
  },
  outputs: ["arn"],
  create: "putRule",
  read: "describeRule",
  update: "putRule",
  delete: "deleteRule",
  key: locateRule,
  id: (_, { eventBusName, name }) => ruleId(eventBusName, name),
  deletes: (state) => forced(state.forceDestroy),
});

const targetInputs = {
  ...regional,
  rule: z.string().meta({ replaces: true, api: false }),
  eventBusName: z.string().default("default").meta({ replaces: true, api: false }),
  targetId: z.string().meta({ named: 64, replaces: true, api: "Id" }),
  arn: z.string(),
  input: told(),
  inputPath: told(),
  inputTransformer: z
    .object({
      inputPaths: z.record(z.string(), z.string()).optional().meta({ api: "InputPathsMap" }),
      inputTemplate: z.string(),
    })
    .optional(),
  roleArn: told(),
  deadLetterConfig: z.object({ arn: z.string().optional() }).optional(),
  retryPolicy: z
    .object({ maximumEventAgeInSeconds: z.number().optional(), maximumRetryAttempts: z.number().optional() })
    .optional(),
  forceDestroy,
};

async function putTarget(aws: Aws, target: Values<typeof targetInputs>): Promise<void> {
  const { FailedEntries = [] } = await (await aws.events()).putTargets({
    Rule: target.rule,
    EventBusName: target.eventBusName,
    Targets: [toApi(targetInputs, target) as unknown as ApiTarget],
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
    const here = `${ruleId(at.eventBusName, at.rule)}-${at.targetId}`;
    return { ...fromApi(targetInputs, { ...found }), ...at, id: here };
  },
  update: (aws, _id, target) => putTarget(aws, target),
  async delete(aws, id, state) {
    const { rule, eventBusName, targetId } = locateTarget(id, state);
    await (await aws.events()).removeTargets({
      Rule: rule,
      EventBusName: eventBusName,
      Ids: [targetId],
      ...forced(state.forceDestroy),
    });
  },
});

export const events = {
  "aws:cloudwatch/eventRule:EventRule": Rule,
  "aws:cloudwatch/eventTarget:EventTarget": Target,
};
