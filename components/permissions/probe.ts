import { placeIn } from "../../src/aws/arn";
import { allow, type IamAccess, logInByIam, policyOf } from "./statement";

/** Lambda alone takes the role. */
export const ASSUME_ROLE = JSON.stringify({
  Version: "2012-10-17",
  Statement: [{ Effect: "Allow", Principal: { Service: "lambda.amazonaws.com" }, Action: "sts:AssumeRole" }],
});

/** What Lambda itself needs to put a function into a network. It looks for them in the function's own role. */
const NETWORK_ACTIONS = [
  "ec2:AssignPrivateIpAddresses",
  "ec2:CreateNetworkInterface",
  "ec2:DeleteNetworkInterface",
  "ec2:DescribeNetworkInterfaces",
  "ec2:DescribeSubnets",
  "ec2:UnassignPrivateIpAddresses",
];

/** What a run calls, on what it calls it on. */
export function probePolicyOf(on: {
  readonly namespace: string;
  /** The secret with the login, or the login that IAM vouches for; absent where no database is asked. */
  readonly logsIn?: { readonly secretArn: string } | IamAccess | undefined;
  /** The secret with the tokens that named sources are asked with. */
  readonly tokensArn?: string | undefined;
  readonly logsArn: string;
  /** The function's own name, where it runs in a VPC. */
  readonly inVpc?: string | undefined;
}): string {
  return JSON.stringify(
    policyOf([
      // Metrics have no ARNs. In any other namespace it could feed the alarms of others.
      allow("Publish", ["cloudwatch:PutMetricData"], ["*"], {
        StringEquals: { "cloudwatch:namespace": on.namespace },
      }),
      ...(on.logsIn === undefined
        ? []
        : "secretArn" in on.logsIn
          ? [allow("LogIn", ["secretsmanager:GetSecretValue"], [on.logsIn.secretArn])]
          : [logInByIam(placeIn(on.logsArn), on.logsIn)]),
      ...(on.tokensArn === undefined
        ? []
        : [allow("AskSources", ["secretsmanager:GetSecretValue"], [on.tokensArn])]),
      allow("Log", ["logs:CreateLogStream", "logs:PutLogEvents"], [`${on.logsArn}:*`]),
      ...(on.inVpc === undefined ? [] : networkStatements(on.logsArn, on.inVpc)),
    ]),
  );
}

/** For Lambda, and not for the code that runs in it: network interfaces have no ARNs before they are made. */
export function networkStatements(arn: string, functionName: string): object[] {
  const { partition, region, account } = placeIn(arn);
  return [
    allow("JoinNetwork", NETWORK_ACTIONS, ["*"]),
    {
      Sid: "NotByTheCode",
      Effect: "Deny",
      Action: NETWORK_ACTIONS,
      Resource: ["*"],
      Condition: {
        ArnEquals: {
          "lambda:SourceFunctionArn": [
            `arn:${partition}:lambda:${region}:${account}:function:${functionName}`,
          ],
        },
      },
    },
  ];
}
