import type { Rollout } from "../../../src/rollout/rollout";
import { counted } from "../../../src/text/counted";
import type { Locate, Problem } from "../../../src/text/problem";
import { type Finding, finder } from "../finding";

const { ok, fault } = finder("AWS");
const NAME = "keys and topics";

/** What stands against the keys and topics of the account that config names: nothing is said where it names none. */
export function judgeAccount(
  { stages, account, existingTopics = {} }: Pick<Rollout, "stages" | "account" | "existingTopics">,
  problems: readonly Problem[],
  locate: Locate,
): Finding[] {
  const topics = Object.values(existingTopics);
  const keys = [...Object.values(account?.kmsKeys ?? {}), ...topics.flatMap(({ kmsKey }) => kmsKey ?? [])];
  if (topics.length + keys.length === 0) return [];
  const [{ name: first }] = stages;
  if (problems.length > 0)
    return problems.map(({ where, what, remedy }) =>
      fault(NAME, what, remedy, { where: locate(first, ["cutover:rollout", ...where.split(".").slice(1)]) }),
    );
  const named = [
    ...(keys.length > 0 ? [counted(new Set(keys).size, "key")] : []),
    ...(topics.length > 0 ? [counted(topics.length, "topic")] : []),
  ];
  return [ok(NAME, `${named.join(" and ")} of the account let in whoever has to use them`)];
}
