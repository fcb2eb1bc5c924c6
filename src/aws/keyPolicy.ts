import { listed, type PolicyStatement, statementsIn } from "./policyStatements";

/** Who uses a key, as an account's config names it: topics, secrets or logs. */
export type KeyUse = "topics" | "secrets" | "logs";

/** Where a key is used. */
export interface KeyPlace {
  readonly partition: string;
  readonly account: string;
  readonly region: string;
}

/** One statement of a key's policy. */
export type KeyStatement = PolicyStatement & { readonly Effect: string };

const USE = ["kms:Decrypt", "kms:GenerateDataKey"] as const;

/**
 * The statements that a key's policy lacks for its use, as they have to be added to it; none where it admits all. What a
 * condition narrows in ways that are not known here admits nothing. Sources: SNS's guide, "Encrypt an SNS topic from event
 * sources"; CloudWatch Logs' guide, "Encrypt log data using KMS"; KMS's, "Default key policy".
 */
export function missingStatements(policy: string, use: KeyUse, place: KeyPlace): KeyStatement[] {
  const statements = statementsIn<KeyStatement>(policy);
  const admitted = (who: Principal, action: string) =>
    !statements.some((one) => one.Effect === "Deny" && isFor(one, who, action)) &&
    statements.some(
      (one) => one.Effect === "Allow" && isFor(one, who, action) && isMet(one.Condition, place),
    );
  return wanted(use, place).filter(
    ({ Principal, Action }) => !listed(Action).every((action) => admitted(Principal as Principal, action)),
  );
}

type Principal = { readonly Service: string } | { readonly AWS: string };

function wanted(use: KeyUse, { partition, account, region }: KeyPlace): KeyStatement[] {
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

function isFor({ Principal, Action }: KeyStatement, who: Principal, action: string): boolean {
  return isAmong(Principal, who) && listed(Action).some((pattern) => covers(pattern, action));
}

function isAmong(principal: unknown, who: Principal): boolean {
  if (principal === "*") return true;
  const { Service, AWS } = (principal ?? {}) as { Service?: unknown; AWS?: unknown };
  if ("Service" in who) return listed(Service).includes(who.Service);
  const [, , , , account = ""] = who.AWS.split(":");
  return [who.AWS, account, "*"].some((name) => listed(AWS).includes(name));
}

/** Whether a pattern of actions is for all that another one is for. */
function covers(pattern: string, action: string): boolean {
  const [known, asked] = [pattern.toLowerCase(), action.toLowerCase()];
  if (!known.endsWith("*")) return known === asked;
  return asked.startsWith(known.slice(0, -1));
}

/** Whether the conditions hold where the key is used: those that say an account, or alarms or log groups of it. */
function isMet(conditions: unknown, place: KeyPlace): boolean {
  const each = Object.entries((conditions ?? {}) as Record<string, Record<string, unknown>>);
  return each.every(([operator, keys]) =>
    Object.entries(keys).every(([key, values]) => {
      const name = key.toLowerCase();
      if (/^(aws:sourceaccount|kms:calleraccount)$/.test(name))
        return operator === "StringEquals" && listed(values).includes(place.account);
      if (!/^(Arn|String)Like$/.test(operator)) return false;
      if (name === "aws:sourcearn") return listed(values).some((one) => holdsAll(one, "cloudwatch", place));
      return name === LOG_GROUP && listed(values).some((one) => holdsAll(one, "logs", place));
    }),
  );
}

const LOG_GROUP = "kms:encryptioncontext:aws:logs:arn";

/** Whether a pattern holds every alarm, or every log group, of a place. */
function holdsAll(pattern: string, service: string, { partition, account, region }: KeyPlace): boolean {
  const [arn, ...parts] = pattern.split(":");
  const wanted = [partition, service, region, account];
  const here = wanted.every((part, index) => parts[index] === part || parts[index] === "*");
  return arn === "arn" && here && ["*", "alarm:*", "log-group:*"].includes(parts.slice(4).join(":"));
}
