import type { AwsPlace } from "../aws/arn";
import { gapsIn, type KeyGap, type KeyUse } from "../aws/keyPolicy";
import { isUsable, type KeyNow } from "../aws/keys";
import { tellWhere } from "../text/problem";
import type { Fault } from "./guardFault";

/** Who uses a key: alarms alone use that of a stage's switch. */
export type KeyUsers = KeyUse | "alarms";

/**
 * What keeps a key from being used as it has to be.
 *
 * @param id as people find it
 */
export function keyFaults(
  id: string,
  { state, policy, ofAws }: KeyNow,
  users: KeyUsers,
  place: AwsPlace,
): Fault[] {
  const off = tellWhere(!isUsable({ state }), {
    what: `the key ${id} is not enabled but ${state}: nothing is encrypted with it, nor decrypted`,
    remedy: /^Pending/.test(state)
      ? "Cancel its deletion, or import its material, and enable it; or use another key"
      : "Enable it in KMS, or use another key",
  });
  if (ofAws) return off;
  const gaps = gapsIn(policy, users === "alarms" ? "topics" : users, place).filter(
    ({ statement: { Sid } }) => users !== "alarms" || Sid === "CloudWatchAlarms",
  );
  if (gaps.length === 0) return off;
  const whom = gaps.map(({ statement: { Sid } }) => WHO[Sid ?? ""]).join(" and ");
  return [...off, { what: `the policy of ${id} does not admit ${whom}`, remedy: remedyOf(gaps) }];
}

function remedyOf(gaps: readonly KeyGap[]): string {
  const add = `Add to its Statement: ${gaps.map(({ statement }) => JSON.stringify(statement)).join(", ")}`;
  return gaps.some(({ denied }) => denied)
    ? `Take them out of its Deny statements, which win over any other. Unless they are admitted already: ${add}`
    : add;
}

const WHO: Readonly<Record<string, string>> = {
  CloudWatchAlarms: "CloudWatch, whose alarms would reach nobody",
  CloudWatchLogs: "CloudWatch Logs, which would keep nothing",
  RolesOfThisAccount: "the roles of this account, which use it",
};
