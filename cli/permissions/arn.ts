import type { Asked } from "./asked";

/** An ARN in the place that is asked for. */
export function arn({ partition, region, account }: Asked, service: string, resource: string): string {
  return `arn:${partition}:${service}:${region}:${account}:${resource}`;
}

/** Roles have no region; their names have one. */
export const roleArn = (asked: Asked, name: string) => arn({ ...asked, region: "" }, "iam", `role/${name}`);
