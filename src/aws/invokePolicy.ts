import type { LambdaClient } from "@aws-sdk/client-lambda";
import { GetPolicyCommand } from "@aws-sdk/client-lambda";
import { isForService, listed, type PolicyStatement, statementsIn } from "./policyStatements";

/** One statement of a function's resource policy. */
interface Statement extends PolicyStatement {
  readonly Condition?: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
}

/** What a function's resource policy says. */
export type InvokePolicy = readonly Statement[];

/** The resource policy of a function. Empty where it has none, or where there is no such function. */
export async function invokePolicyOf(client: LambdaClient, name: string): Promise<InvokePolicy> {
  try {
    const { Policy = "{}" } = await client.send(new GetPolicyCommand({ FunctionName: name }));
    return statementsIn<Statement>(Policy);
  } catch (error) {
    if (error instanceof Error && error.name === "ResourceNotFoundException") return [];
    throw error;
  }
}

/** Whether SNS may call the function for this topic. A condition that is not known here allows nothing. */
export function letsTopicIn(policy: InvokePolicy, topicArn: string, functionArn: string): boolean {
  const of = (effect: string) =>
    policy.filter(
      (one) =>
        one.Effect === effect &&
        isForService(one.Principal, "sns.amazonaws.com") &&
        anyLike(one.Action, "lambda:InvokeFunction", "i") &&
        (one.Resource === undefined || anyLike(one.Resource, functionArn)),
    );
  const denied = of("Deny").some((one) => conditionOf(one, topicArn) !== false);
  return !denied && of("Allow").some((one) => conditionOf(one, topicArn) === true);
}

/** Whether the conditions of a statement hold for what a topic delivers; undefined where that is not known. */
function conditionOf({ Condition = {} }: Statement, topicArn: string): boolean | undefined {
  const account = topicArn.split(":")[4] ?? "";
  const answers = Object.entries(Condition).flatMap(([operator, keys]) =>
    Object.entries(keys).map(([key, wanted]): boolean | undefined => {
      const given = { "aws:sourcearn": topicArn, "aws:sourceaccount": account }[key.toLowerCase()];
      if (given === undefined) return undefined;
      // An ARN is compared with wildcards by both words of ARNs. Source: IAM's guide, "ARN condition operators".
      if (/^(ArnLike|ArnEquals|StringLike)(IfExists)?$/.test(operator)) return anyLike(wanted, given);
      if (/^StringEquals(IfExists)?$/.test(operator)) return listed(wanted).includes(given);
      return undefined;
    }),
  );
  if (answers.includes(false)) return false;
  return answers.includes(undefined) ? undefined : true;
}

/** Whether one of some patterns, with `*` and `?`, is for a text. */
function anyLike(patterns: unknown, text: string, flags = ""): boolean {
  return listed(patterns).some((pattern) => {
    const source = pattern.replaceAll(/[.+^${}()|[\]\\]/g, "\\$&");
    return new RegExp(`^${source.replaceAll("*", ".*").replaceAll("?", ".")}$`, `${flags}s`).test(text);
  });
}
