import type { AwsPlace } from "./arn";
import { listed, type PolicyStatement, statementsIn } from "./policyStatements";
import { asRoleOf, asService, type PolicyCall, verdictOf } from "./policyVerdict";

/** Who uses a key, as an account's config names it: topics, secrets or logs. */
export type KeyUse = "topics" | "secrets" | "logs";

/** One statement of a key's policy. */
type KeyStatement = PolicyStatement & { readonly Effect: string };

const USE = ["kms:Decrypt", "kms:GenerateDataKey"] as const;

/** What a key's policy does not admit. */
export interface KeyGap {
  /** What would admit it. */
  readonly statement: KeyStatement;
  /** True where one of its own statements denies it: then no other one admits it. */
  readonly denied: boolean;
}

/**
 * What a key's policy does not admit of its use; none where it admits all. What a condition narrows in ways that are not
 * known here admits nothing. Sources: SNS's guide, "Encrypt an SNS topic from event sources"; CloudWatch Logs' guide,
 * "Encrypt log data using KMS"; KMS's, "Default key policy".
 */
export function gapsIn(policy: string, use: KeyUse, place: AwsPlace): KeyGap[] {
  const statements = statementsIn<KeyStatement>(policy);
  return wanted(use, place).flatMap((statement): KeyGap[] => {
    const verdicts = listed(statement.Action).map((action) =>
      verdictOf(statements, callOf(statement.Principal as Principal, action, place)),
    );
    if (verdicts.every((verdict) => verdict === "allowed")) return [];
    return [{ statement, denied: verdicts.some((verdict) => verdict.endsWith("denied")) }];
  });
}

/** Two names, since a policy that is for one of them alone is not for all. */
const ANY = ["one", "another"];

/** The calls of a principal with a key. A role's come by way of other services: what is said of these is not known. */
function callOf(who: Principal, action: string, { partition, account, region }: AwsPlace): PolicyCall {
  const resource = `arn:${partition}:kms:${region}:${account}:key/own`;
  if ("AWS" in who)
    return { isWho: asRoleOf(account), action, resource, given: { "kms:calleraccount": [account] } };
  const of = (service: string, kind: string) =>
    ANY.map((name) => `arn:${partition}:${service}:${region}:${account}:${kind}:${name}`);
  const given: PolicyCall["given"] = who.Service.startsWith("logs.")
    ? { [LOG_GROUP]: of("logs", "log-group") }
    : { "aws:sourceaccount": [account], "aws:sourcearn": of("cloudwatch", "alarm") };
  return { isWho: asService(who.Service), action, resource, given };
}

const LOG_GROUP = "kms:encryptioncontext:aws:logs:arn";

type Principal = { readonly Service: string } | { readonly AWS: string };

function wanted(use: KeyUse, { partition, account, region }: AwsPlace): KeyStatement[] {
  const statement = (Sid: string, principal: Principal, Action: readonly string[], Condition?: object) => ({
    Sid,
    Effect: "Allow",
    Principal: principal,
    Action,
    Resource: "*",
    ...(Condition ? { Condition } : {}),
  });
  if (use === "logs") {
    const service = `logs.${region}.${suffixOf(partition)}`;
    const groups = `arn:${partition}:logs:${region}:${account}:*`;
    return [
      statement(
        "CloudWatchLogs",
        { Service: service },
        ["kms:Encrypt*", "kms:Decrypt*", "kms:ReEncrypt*", "kms:GenerateDataKey*", "kms:Describe*"],
        { ArnLike: { "kms:EncryptionContext:aws:logs:arn": groups } },
      ),
    ];
  }
  const roles = statement("RolesOfThisAccount", { AWS: `arn:${partition}:iam::${account}:root` }, USE);
  if (use === "secrets") return [roles];
  const alarms = statement("CloudWatchAlarms", { Service: "cloudwatch.amazonaws.com" }, USE, {
    StringEquals: { "aws:SourceAccount": account },
  });
  return [alarms, roles];
}

/** What the names of services end in that are named by their region. */
export function suffixOf(partition: string): string {
  return partition === "aws-cn" ? "amazonaws.com.cn" : "amazonaws.com";
}
