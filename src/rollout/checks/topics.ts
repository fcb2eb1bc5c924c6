import { type Problem, tellWhere } from "../../text/problem";
import type { Rows } from "./ids";

/** An alarm that pages a topic without a subscription reaches nobody: whoever declares a row says whom it pages. */
export function topicProblems({ stages, owner, config, locate }: Rows): Problem[] {
  const { topics, channels = {} } = config;
  // A topic that is there has subscriptions of its own, which each look at the guards judges.
  if (!Array.isArray(topics.onCall) || topics.onCall.length > 0) return [];
  if (Object.values(channels).some((channel) => channel.topics.includes("onCall"))) return [];
  const rows = stages.flatMap(({ abort }) => Object.keys(abort));
  const rollsBack = stages.some(({ abort }) =>
    Object.values(abort).some(({ action }) => action === "rollback"),
  );
  return tellWhere(rows.length > 0, {
    where: locate(owner, ["cutover:rollout", "topics", "onCall"]),
    what: `names nobody, and ${rows.join(", ")} would page on-call${rollsBack ? " and roll back" : ""}: nobody is reached`,
    remedy:
      "Name at least one subscription, such as { protocol: email, endpoint: on-call@example.com }, or declare a channel with topics: [onCall], such as PagerDuty",
  });
}
