import { GetPolicyCommand, type LambdaClient } from "@aws-sdk/client-lambda";
import { placeIn } from "./arn";
import { unlessNamed } from "./failure";
import { type PolicyStatement, statementsIn } from "./policyStatements";
import { asService, verdictOf } from "./policyVerdict";

/** What a function's resource policy says. */
export type InvokePolicy = readonly PolicyStatement[];

/** The resource policy of a function. Empty where it has none, or where there is no such function. */
export async function invokePolicyOf(client: LambdaClient, name: string): Promise<InvokePolicy> {
  const call = client.send(new GetPolicyCommand({ FunctionName: name }));
  const { Policy = "{}" } = await unlessNamed(/^ResourceNotFoundException$/, { Policy: "{}" }, call);
  return statementsIn(Policy);
}

/** Whether SNS may call the function for this topic. A condition that is not known here allows nothing. */
export function letsTopicIn(policy: InvokePolicy, topicArn: string, functionArn: string): boolean {
  const { account } = placeIn(topicArn);
  const verdict = verdictOf(policy, {
    isWho: asService("sns.amazonaws.com"),
    action: "lambda:InvokeFunction",
    resource: functionArn,
    given: { "aws:sourcearn": [topicArn], "aws:sourceaccount": [account] },
  });
  return verdict === "allowed";
}
