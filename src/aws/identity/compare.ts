import { type Problem, tellWhere } from "../../text/problem";
import type { ProviderSettings } from "./provider";

/** Who calls AWS, and where: what STS answers, and the region that calls go to. */
export interface Identity {
  /** The caller's ARN. */
  readonly arn: string;
  readonly region: string;
}

/** Who a caller is, whatever their session is called. */
export interface Principal {
  readonly partition: string;
  readonly account: string;
  /** `role/NAME`, `user/NAME` or `root`. Of a role that is assumed, AWS tells the name, and no path. */
  readonly who: string;
}

/** Reads a caller's ARN, as STS gives it. */
export function principalOf(arn: string): Principal {
  const [, partition = "", , , account = "", ...rest] = arn.split(":");
  const resource = rest.join(":");
  const [, role] = /^assumed-role\/([^/]+)\//.exec(resource) ?? [];
  return { partition, account, who: role === undefined ? resource : `role/${role}` };
}

/**
 * What speaks against a promotion, by who asks: the program reads flags, evidence and alarms, and the provider makes what
 * is declared. Were they two, one would look at one account and the other change another. Nothing where both are one and
 * the same, in an account that the config allows.
 */
export function identityProblems(
  program: Identity,
  provider: Identity,
  {
    allowedAccountIds: allowed,
    forbiddenAccountIds: forbidden,
  }: Pick<ProviderSettings, "allowedAccountIds" | "forbiddenAccountIds">,
): Problem[] {
  const [ours, theirs] = [principalOf(program.arn), principalOf(provider.arn)];
  const { account } = ours;
  const told = (what: string): Problem => ({
    where: "AWS",
    what,
    remedy:
      "Let both be told alike: by the aws: settings of this stack, or by the environment that pulumi runs in",
  });
  const differ = (what: string, one: string, other: string) =>
    tellWhere(
      one !== other,
      told(`the program asks ${what} ${one}, and the provider changes ${what} ${other}`),
    );
  const apart = [
    ...differ("partition", ours.partition, theirs.partition),
    ...differ("account", ours.account, theirs.account),
    ...differ("region", program.region, provider.region),
  ];
  const remedy = "Use credentials of the account that is meant";
  return [
    ...apart,
    ...tellWhere(
      apart.length === 0 && ours.who !== theirs.who,
      told(`the program asks as ${ours.who}, and the provider changes things as ${theirs.who}`),
    ),
    ...tellWhere(allowed.length > 0 && !allowed.includes(account), {
      where: "aws:allowedAccountIds",
      what: `does not name ${account}, in which this would run`,
      remedy,
    }),
    ...tellWhere(forbidden.includes(account), {
      where: "aws:forbiddenAccountIds",
      what: `names ${account}, in which this would run`,
      remedy,
    }),
  ];
}
