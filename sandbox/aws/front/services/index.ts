import type { Service } from "../rule";
import { appConfig } from "./appconfig/service";
import { type CloudWatchService, cloudWatch } from "./cloudwatch/service";
import { lambda } from "./lambda";
import { logs } from "./logs/service";
import { rds } from "./rds/service";
import { scheduler } from "./scheduler";
import { sns } from "./sns";
import { sqs } from "./sqs";

/** Every service that the front knows; all others pass it as they are. */
export function allServices(): {
  readonly services: readonly Service[];
  readonly cloudwatch: CloudWatchService;
} {
  const cloudwatch = cloudWatch();
  return {
    services: [cloudwatch, appConfig(), lambda(), logs(cloudwatch), scheduler(), sns(), sqs(), rds()],
    cloudwatch,
  };
}
