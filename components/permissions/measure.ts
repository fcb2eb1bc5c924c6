import { placeIn } from "../../src/aws/arn";
import { networkStatements } from "./probe";
import { allow, type IamAccess, logInByIam, policyOf } from "./statement";

/** What a measuring function does: reads its login, lists tasks, and logs. It writes nothing, and publishes nothing. */
export function measurePolicyOf(on: {
  /** The secret with the gate role's login; absent where there is no database. */
  readonly secretArn?: string | undefined;
  /** The login that IAM vouches for; absent where the secret holds one, or nobody logs in. */
  readonly iam?: IamAccess | undefined;
  /** What looking at gates calls on AWS. */
  readonly looks: readonly string[];
  readonly logsArn: string;
  /** The function's own name, which runs in a VPC. */
  readonly functionName: string;
}): string {
  return JSON.stringify(
    policyOf([
      ...(on.secretArn === undefined
        ? []
        : [allow("LogIn", ["secretsmanager:GetSecretValue"], [on.secretArn])]),
      ...(on.iam === undefined ? [] : [logInByIam(placeIn(on.logsArn), on.iam)]),
      // A task of ECS has no name beforehand.
      ...(on.looks.length > 0 ? [allow("LookAtGates", [...new Set(on.looks)].sort(), ["*"])] : []),
      allow("Log", ["logs:CreateLogStream", "logs:PutLogEvents"], [`${on.logsArn}:*`]),
      ...networkStatements(on.logsArn, on.functionName),
    ]),
  );
}
