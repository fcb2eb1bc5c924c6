import type { State } from "./engine";

const AT = "eu-central-1:123456789012";

/** What AWS puts out beside the inputs of functions, and of what they are called and told by. */
export function awsOutputs(type: string, inputs: State): State {
  switch (type.split(":")[1]?.split("/")[0]) {
    case "sns":
      return { arn: `arn:aws:sns:${AT}:${inputs.name}` };
    case "sqs":
      return { arn: `arn:aws:sqs:${AT}:${inputs.name}`, url: `https://sqs/${inputs.name}` };
    case "iam":
      return { arn: `arn:aws:iam::123456789012:role/${inputs.name}` };
    case "secretsmanager":
      return { arn: `arn:aws:secretsmanager:${AT}:secret:${inputs.name ?? inputs.secretId}` };
    case "lambda":
      return { arn: `arn:aws:lambda:${AT}:function:${inputs.name}` };
    case "cloudwatch":
      return { arn: `arn:aws:logs:${AT}:log-group:${inputs.name}` };
    default:
      return {};
  }
}
