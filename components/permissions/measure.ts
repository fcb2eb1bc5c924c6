import { networkStatements } from "./probe";
import { allow, policyOf } from "./statement";

/** What a measuring function does: reads its login, lists tasks, and logs. It writes nothing, and publishes nothing. */
export function measurePolicyOf(on: {
  /** The secret with the gate role's login; absent where there is no database. */
  readonly secretArn?: string | undefined;
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
      // A task of ECS has no name beforehand.
      ...(on.looks.length > 0 ? [allow("LookAtGates", [...new Set(on.looks)].sort(), ["*"])] : []),
      allow("Log", ["logs:CreateLogStream", "logs:PutLogEvents"], [`${on.logsArn}:*`]),
      ...networkStatements(on.logsArn, on.functionName),
    ]),
  );
}
