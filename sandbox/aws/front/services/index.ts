import type { Service } from "../rule";
import { type CloudWatchService, cloudWatch } from "./cloudwatch/service";

/** Every service that the front knows; all others pass it as they are. */
export function allServices(): {
  readonly services: readonly Service[];
  readonly cloudwatch: CloudWatchService;
} {
  const cloudwatch = cloudWatch();
  return { services: [cloudwatch], cloudwatch };
}
