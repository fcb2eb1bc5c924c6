import type { Known } from "../../../src/aws/known";
import { CLOCK_SKEW_MS } from "../../../src/gates/judge";
import { showDuration } from "../../../src/text/duration";
import { type Finding, finder } from "../finding";
import type { Caller, ClockTold } from "../look/caller";

const { ok, fault, unknown } = finder("AWS");

/** Who calls, and from where. */
export interface AwsFacts {
  readonly region: string | undefined;
  /** What each stack says, where it says it. */
  readonly regions: ReadonlyMap<string, string>;
  /** The accounts that the provider may work in, where a stack says it, and those that it may not. */
  readonly allowed: readonly string[];
  readonly forbidden: readonly string[];
  /** Absent where there is no region to ask in. */
  readonly caller: Known<Caller> | undefined;
  /** Where the first stage's stack is up; absent where it is not, or its state cannot be read. */
  readonly up?: { readonly stack: string; readonly region: string; readonly account: string } | undefined;
}

export function judgeAws(facts: AwsFacts): Finding[] {
  return [...places(facts), ...identity(facts)];
}

function places({ region, regions, caller, up }: AwsFacts): Finding[] {
  if (region === undefined)
    return [fault("region", "no AWS region is set", "Set AWS_REGION, or aws:region in every stack's file")];
  const odd = [...regions].filter(([, own]) => own !== region);
  if (odd.length > 0)
    return odd.map(([stack, own]) =>
      fault(
        "region",
        `is ${own} in the stack ${stack}, and ${region} elsewhere: its stage would look for the flags in another place`,
        "Let every stage be in one region",
        {
          where: `aws:region of ${stack}`,
        },
      ),
    );
  if (up && up.region !== region)
    return [
      fault(
        "region",
        `is ${region}, and the stack ${up.stack} is up in ${up.region}: flags, topics and alarms are looked for in another place than they are`,
        `Set AWS_REGION to ${up.region}, or leave it to aws:region of every stack's file`,
      ),
    ];
  if (isUnknown(caller))
    return [
      fault(
        "region",
        `is ${region}, and this machine's DNS knows no AWS there`,
        "Correct its name; where it is right, let this machine ask a DNS that knows AWS",
      ),
    ];
  return [ok("region", region)];
}

/** A region has its own names of services: where DNS knows none of it, there is no such region, or no DNS. */
function isUnknown(caller: AwsFacts["caller"]): boolean {
  return caller !== undefined && !caller.ok && /ENOTFOUND \S*sts\./.test(caller.why);
}

function identity({ caller, allowed, forbidden, up }: AwsFacts): Finding[] {
  // Of a region that is none, the line above says all.
  if (!caller || isUnknown(caller)) return [];
  if (!caller.ok) return [fault("identity", caller.why, caller.remedy)];
  const { arn, account, clock: told } = caller.value;
  const elsewhere = (allowed.length > 0 && !allowed.includes(account)) || forbidden.includes(account);
  if (up && up.account !== account)
    return [
      fault(
        "identity",
        `${arn} is of the account ${account}, and the stack ${up.stack} is up in ${up.account}`,
        `Log in to ${up.account}`,
      ),
      clock(told),
    ];
  return [
    elsewhere
      ? fault(
          "identity",
          `${arn} is of the account ${account}, in which the provider may not work`,
          "Log in to the account that aws:allowedAccountIds names",
          { where: "aws:allowedAccountIds, aws:forbiddenAccountIds" },
        )
      : ok("identity", arn),
    clock(told),
  ];
}

function clock(told: ClockTold | undefined): Finding {
  if (told === undefined)
    return unknown("clock", "AWS does not say what time it is", "Compare this machine's clock by hand");
  const ahead = aheadOf(told);
  const words = `${showDuration(Math.abs(ahead))} ${ahead < 0 ? "behind" : "ahead of"} AWS's`;
  return Math.abs(ahead) > CLOCK_SKEW_MS
    ? fault("clock", `is ${words}: windows and statements would be about another time`, "Set it by NTP")
    : ok("clock", ahead === 0 ? "agrees with AWS's" : `is ${words}`);
}

/** Headers have whole seconds. */
const GRAIN_MS = 1_000;

/** How far this clock is ahead, at the least: 0 where both may agree. */
function aheadOf({ said, sent, came }: ClockTold): number {
  // It was said at `said` or up to a second later, and between `sent` and `came`.
  if (sent > said + GRAIN_MS) return sent - said - GRAIN_MS;
  return came < said ? came - said : 0;
}
