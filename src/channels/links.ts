import { dashboardName } from "../aws/names";
import type { Link } from "./notification";

/** Where AWS's console is, by partition. Source: AWS General Reference, "AWS partitions". */
const CONSOLE: Readonly<Record<string, string>> = {
  aws: "console.aws.amazon.com",
  "aws-cn": "console.amazonaws.cn",
  "aws-us-gov": "console.amazonaws-us-gov.com",
};

/** What a message leads to: the alarm and the rollout's dashboard in the console, and every URL that it names. */
export function linksOf(of: {
  readonly partition: string;
  readonly region: string;
  readonly rollout: string;
  /** The alarm's name. */
  readonly alarm?: string | undefined;
  readonly text: string;
}): Link[] {
  const { partition, region, rollout, alarm, text } = of;
  const host = CONSOLE[partition];
  const named = urlsIn(text).map((href) => ({ href, text: new URL(href).host }));
  if (host === undefined) return named;
  const to = (kind: string, name: string) =>
    `https://${region}.${host}/cloudwatch/home?region=${region}#${kind}/${encodeURIComponent(name)}`;
  return [
    ...named,
    ...(alarm === undefined ? [] : [{ href: to("alarmsV2:alarm", alarm), text: "Alarm" }]),
    { href: to("dashboards/dashboard", dashboardName(rollout, region)), text: "Dashboard" },
  ];
}

/** A message names a few at most; one that is a whole page of them is no message of ours. */
const AT_MOST = 5;

function urlsIn(text: string): string[] {
  const found = text.match(/https:\/\/[^\s<>"'`|\\]{1,1000}/g) ?? [];
  return [...new Set(found.map((url) => url.replace(/[.,;:!?)\]]+$/, "")))]
    .filter((url) => URL.canParse(url))
    .slice(0, AT_MOST);
}
